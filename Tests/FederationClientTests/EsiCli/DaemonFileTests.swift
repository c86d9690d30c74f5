import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

/// A daemon's files: whose they are, and what stands there after a crash.
@Suite(.timeLimit(.minutes(5))) struct DaemonFileTests {
  private let world: RunningDaemon

  init() throws { world = try RunningDaemon() }

  @Test("mode and owner are those of the flags, also after a refresh", .enabled(if: geteuid() == 0))
  func attributes() async throws {
    let daemon = try await world.ready(["--file-mode=0640", "--file-owner=12345:daemon"])
    world.put("a2", "a")
    daemon.signal(SIGHUP)
    try await FileEvent.content(world.path("a"), "a2")
    let group = try #require(getgrnam("daemon")).pointee.gr_gid
    for name in ["a", "b"] {
      let stamp = try FileStamp(world.path(name))
      #expect(stamp.mode == 0o640 && stamp.user == 12_345 && stamp.group == group)
    }
    // What has the right content but lost its mode is put right too.
    chmod(world.path("b"), 0o666)
    daemon.signal(SIGHUP)
    let path = world.path("b")
    try await FileEvent.until("mode", beside: path) { (try? FileStamp(path).mode) == 0o640 }
    daemon.signal(SIGTERM)
    #expect(await daemon.wait(timeoutSeconds: 20) == .status(0))
    await world.first.stop()
  }

  @Test("who may not give files away is told at the start", .enabled(if: geteuid() == 0))
  func notPermitted() async throws {
    chmod(world.directory.path, 0o777)
    chmod(world.directory.path + "/token", 0o644)
    let caFile = try world.directory.write(
      try String(contentsOfFile: world.authority.certificateFile, encoding: .utf8), to: "ca.crt")
    chmod(caFile, 0o644)
    let outcome = try ChildProgram(
      path: "/usr/bin/setpriv",
      arguments: ["--reuid=12345", "--regid=12345", "--clear-groups", ChildProgram.productsDirectory + "/esi-cli"]
        + world.flags(["--file-owner=0:0", "--federated-ca-crt=\(caFile)"]), environment: [:])
    let exit = await outcome.wait(timeoutSeconds: 60)
    #expect(exit == .status(1))
    #expect(outcome.stderr.text.contains("Operation not permitted; run as root, or with CAP_CHOWN"))
    await world.first.stop()
  }

  @Test("after SIGKILL at any moment a file is whole, and the next start clears up and goes on")
  func crashes() async throws {
    // Long enough that a write takes a while.
    func value(_ round: Int) -> String { String(repeating: "\(round % 10)", count: 600_000) }
    world.put(value(0), "a")
    world.put(value(0), "b")
    let warmUp = try await world.ready()
    let pause = Duration.milliseconds(40)
    warmUp.signal(SIGKILL)
    _ = await warmUp.wait()
    var killedWriting = 0
    for round in 1...20 {
      let daemon = try await world.ready()
      // The start wrote the last value, whatever the one before it left.
      for name in ["a", "b"] { #expect(try world.content(name) == value(round - 1)) }
      #expect(try world.entries() == ["a", "b"])
      world.put(value(round), "a")
      world.put(value(round), "b")
      daemon.signal(SIGHUP)
      // The moment is what is tested here, so time is the event.
      try await Task.sleep(for: pause * Double.random(in: 0...1))
      daemon.signal(SIGKILL)
      #expect(await daemon.wait(timeoutSeconds: 20) == .signal(SIGKILL))
      for name in ["a", "b"] {
        let content = try world.content(name)
        #expect(content == value(round - 1) || content == value(round), "\(name) is torn in round \(round)")
      }
      if try world.entries() != ["a", "b"] || world.content("a") != world.content("b") { killedWriting += 1 }
    }
    print("crashes: \(killedWriting) of 20 kills hit a write")
    await world.first.stop()
  }
}
