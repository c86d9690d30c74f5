import Crypto
import FederationAPI

extension RPCError {
  /// OpenSSL failed at something that nobody can do anything about but to try again.
  init(_ error: CryptoError) { self.init(.internal, "the server could not make the credential; try again") }
}
