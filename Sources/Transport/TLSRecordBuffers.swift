import COpenSSL

/// Where OpenSSL keeps the records of a connection.
public enum TLSRecordBuffers {
  /// Has the connections of a context that is libcurl's give the buffer of what was read back once all of it was taken, to be
  /// wiped: a connection that is kept for the next request would keep the last answer's text.
  public static func releaseWhenRead(ofAll context: OpaquePointer) {
    _ = copenssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
  }
}
