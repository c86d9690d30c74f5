/// What is wrong with the proof of who calls, where it is not the server's word: what to mend lies with the caller.
public enum CredentialProblem: Sendable, Equatable {
  /// The authorization server that gives the client's tokens is not reached, or is not trusted.
  case authorizationServerUnreachable
  /// The authorization server is there, and cannot give a token now.
  case authorizationServerBusy
  /// What answers where the authorization server should be is another server, or none.
  case authorizationServerUnusable
  /// The authorization server does not know the client, or not the key that it proves itself with.
  case clientUnknown
  /// The authorization server does not give the client the scopes that it asks for.
  case scopeRefused
  /// The authorization server refuses the client for another reason, which its code says.
  case clientRefused
  /// A file that the proof is in, or is made with, is missing or cannot be used.
  case fileUnusable
  /// There is no SVID that the client could show, or its time is over.
  case svidUnusable
  /// The server refused the client's certificate, or that there was none, in the TLS handshake.
  case certificateRefused
}
