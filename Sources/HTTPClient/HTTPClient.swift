import CCurl
import Glibc
import Logging

/// An HTTP/1.1 client on libcurl's multi interface: one thread of its own carries every transfer.
///
/// Connections are reused between requests whose scheme, host, port and CA certificates are equal.
/// The proxies that `https_proxy`, `http_proxy` and `no_proxy` name are used, except for loopback.
public final class HTTPClient: HTTPSending {
  private let queue: TransferQueue

  /// Starts the client's thread. Throws when the system has no room for it.
  public init(log: Log) throws(HTTPClientError) {
    guard let multi = globalInit == CURLE_OK ? curl_multi_init() : nil else {
      throw HTTPClientError(.unreachable, "libcurl cannot start: out of memory")
    }
    queue = TransferQueue(multi: multi)
    // pthread_create takes over this reference only when it succeeds.
    let loop = Unmanaged.passRetained(TransferLoop(multi: multi, queue: queue, log: log))
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, loop.toOpaque())
    guard failure == 0 else {
      loop.release()
      curl_multi_cleanup(multi)
      let reason = String(cString: strerror(failure))
      throw HTTPClientError(.unreachable, "the HTTP client's thread cannot start: \(reason)")
    }
    pthread_detach(thread)
  }

  deinit { close() }

  /// Sends `request` and waits for the complete response. Cancelling the task aborts the transfer.
  public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    let cancellation = Cancellation()
    let queue = queue
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.start(PendingTransfer(request: request, cancellation: cancellation, continuation: continuation))
      }
    } onCancel: {
      queue.cancel(cancellation)
    }
    return try result.get()
  }

  /// Fails what is in flight, and whatever is sent later, with ``HTTPClientError/Kind/cancelled`` and ends the
  /// thread. Returns at once.
  public func close() { queue.close() }
}

// curl_global_init wants to run once, before any other thread uses libcurl.
private let globalInit = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
