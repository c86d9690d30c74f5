import CCurl
import Logging
import Transport

/// The client's thread: owns the multi handle and every transfer on it.
final class TransferLoop {
  private let multi: UnsafeMutableRawPointer
  private let queue: TransferQueue
  private let log: Log
  /// Outlives the multi handle, whose connections may ask it.
  private let examination: PeerExamination?
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]

  init(queue: TransferQueue, log: Log, peers: (any PeerVerifier)?) {
    examination = peers.map(PeerExamination.init)
    multi = queue.multi
    self.queue = queue
    self.log = log
    ccurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 64)
    ccurl_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 256)
  }

  /// Runs until the queue is closed, then frees the multi handle.
  func run() {
    while true {
      let commands = queue.take()
      if commands.isClosed {
        commands.started.forEach { $0.receiver.finish(.failure(.closed)) }
        break
      }
      commands.started.forEach(start)
      commands.cancelled.forEach(cancel)
      commands.resumed.forEach(resume)
      var running: Int32 = 0
      var outcome = curl_multi_perform(multi, &running)
      finishCompleted()
      if outcome == CURLM_OK { outcome = curl_multi_poll(multi, nil, 0, 60_000, nil) }
      guard outcome == CURLM_OK else {
        log.write(.error, "http_client_failed", ["reason": String(cString: curl_multi_strerror(outcome))])
        break
      }
    }
    end()
  }

  private func start(_ pending: PendingTransfer) {
    guard !pending.cancellation.isSet else {
      return pending.receiver.finish(.failure(.cancelled))
    }
    do throws(HTTPClientError) {
      let transfer = try Transfer(pending, examination: examination)
      guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
        throw HTTPClientError(.unreachable, "\(transfer.server): libcurl is out of memory")
      }
      transfers[transfer.handle] = transfer
      handles[ObjectIdentifier(pending.cancellation)] = transfer.handle
    } catch {
      pending.receiver.finish(.failure(error))
    }
  }

  private func cancel(_ cancellation: Cancellation) {
    guard let handle = handles[ObjectIdentifier(cancellation)] else { return }
    finish(handle, .failure(.cancelled))
  }

  private func resume(_ cancellation: Cancellation) {
    guard let handle = handles[ObjectIdentifier(cancellation)] else { return }
    // Calls the transfer's write callback with what libcurl holds back.
    curl_easy_pause(handle, CURLPAUSE_CONT)
  }

  private func finishCompleted() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let transfer = transfers[handle]
      else { continue }
      finish(handle, transfer.result(message.pointee.data.result))
    }
  }

  private func finish(_ handle: UnsafeMutableRawPointer, _ result: Result<HTTPResponse, HTTPClientError>) {
    guard let transfer = transfers.removeValue(forKey: handle) else { return }
    handles[ObjectIdentifier(transfer.pending.cancellation)] = nil
    curl_multi_remove_handle(multi, handle)
    transfer.pending.receiver.finish(result.mapError(transfer.withProgress))
  }

  private func end() {
    for handle in Array(transfers.keys) { finish(handle, .failure(.closed)) }
    queue.end().forEach { $0.receiver.finish(.failure(.closed)) }
    curl_multi_cleanup(multi)
  }
}
