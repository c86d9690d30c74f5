import CCurl
import Logging
import Threads
import Transport

/// An HTTP/1.1 client on libcurl's multi interface: one thread of its own carries every transfer.
///
/// Connections are reused between requests whose scheme, host, port and CA certificates are equal.
/// The proxies that `https_proxy`, `http_proxy` and `no_proxy` name are used, except for loopback.
public final class HTTPClient: HTTPSending {
  private let queue: TransferQueue

  /// Starts the client's thread. With `peers` it is for that to say whether a server is the right one, whatever its name is
  /// and whoever issued its certificate. Throws when the system has no room for the thread.
  public init(log: Log, peers: (any PeerVerifier)? = nil) throws(HTTPClientError) {
    guard let multi = globalInit == CURLE_OK ? curl_multi_init() : nil else {
      throw HTTPClientError(.unreachable, "libcurl cannot start: out of memory")
    }
    let queue = TransferQueue(multi: multi)
    self.queue = queue
    do throws(ThreadError) {
      try startDetachedThread(name: "http-client") { TransferLoop(queue: queue, log: log, peers: peers).run() }
    } catch {
      _ = queue.end()
      curl_multi_cleanup(multi)
      throw HTTPClientError(.unreachable, error.description)
    }
  }

  deinit { close() }

  /// Sends `request` and waits for the complete response. Cancelling the task aborts the transfer.
  public func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    let cancellation = Cancellation()
    let queue = queue
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.start(PendingTransfer(request: request, cancellation: cancellation, receiver: .whole(continuation)))
      }
    } onCancel: {
      queue.cancel(cancellation)
    }
    return try result.get()
  }

  /// Sends `request` and waits for the head of the response, whose body then comes through
  /// ``HTTPResponseStream/next()``. Cancelling the task until then aborts the transfer.
  ///
  /// ``HTTPRequest/timeoutSeconds`` bounds how long nothing at all may come, head and body alike, and not the whole
  /// exchange; it counts in seconds, rounded up, and not while the reader holds the transfer back.
  /// ``HTTPRequest/maximumBodyBytes`` does not count.
  public func stream(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponseStream {
    let (channel, cancellation) = (BodyChannel(), Cancellation())
    queue.start(PendingTransfer(request: request, cancellation: cancellation, receiver: .streamed(channel)))
    let transfer = StreamedTransfer(channel: channel, cancellation: cancellation, queue: queue, client: self)
    return HTTPResponseStream(head: try await transfer.head(), transfer: transfer)
  }

  /// Fails what is in flight, and whatever is sent later, with ``HTTPClientError/Kind/cancelled`` and ends the
  /// thread. Returns at once.
  public func close() { queue.close() }
}

// curl_global_init wants to run once, before any other thread uses libcurl.
private let globalInit = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
