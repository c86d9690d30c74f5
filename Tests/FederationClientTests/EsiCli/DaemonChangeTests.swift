import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

/// What a daemon does after files have changed.
@Suite(.timeLimit(.minutes(3))) struct DaemonChangeTests {
  private let world: RunningDaemon
  private let journal: String

  init() throws {
    world = try RunningDaemon()
    journal = try world.directory.write("", to: "journal")
  }

  private func script(_ text: String) throws -> String {
    let path = try world.directory.write("#!/bin/sh\n" + text, to: "script")
    chmod(path, 0o700)
    return path
  }

  private func end(_ daemon: ChildProgram) async {
    daemon.signal(SIGTERM)
    #expect(await daemon.wait(timeoutSeconds: 20) == .status(0))
    #expect(daemon.stdout.text == "ready\n")
    await world.first.stop()
  }

  @Test("the command runs once for each change, after all files are in place, with its arguments and no secret")
  func command() async throws {
    let script = try script(
      """
      {
        echo "$# $1 $2: $(cat \(world.path("a")) \(world.path("b")))"
        env
        cat
        for descriptor in /proc/$$/fd/*; do readlink "$descriptor" | grep -E '^(socket|anon_inode):'; done
        echo end
      } >>\(journal)
      echo to stdout

      """)
    let daemon = try await world.ready(
      ["--on-change-command=\(script)", "--on-change-args=x,a b"], environment: ["PATH": "/usr/bin:/bin", "K": "v"])
    _ = try await daemon.stderr.waitForLine(containing: "changed")
    // A refresh without a change runs nothing: it is over before the next one, which the next line is about.
    daemon.signal(SIGHUP)
    var arrivals = world.service.arrivals.makeAsyncIterator()
    for _ in 0..<4 { await arrivals.next() }
    world.put("a2", "a")
    world.put("b2", "b")
    daemon.signal(SIGHUP)
    let journal = journal
    try await FileEvent.until("second run", beside: journal) {
      (try? String(contentsOfFile: journal, encoding: .utf8))?.components(separatedBy: "end\n").count == 3
    }
    await end(daemon)
    let runs = try String(contentsOfFile: journal, encoding: .utf8).components(separatedBy: "end\n")
    #expect(runs.count == 3)
    #expect(runs[0].hasPrefix("2 x a b: a1b1\n") && runs[1].hasPrefix("2 x a b: a2b2\n"))
    for run in runs.prefix(2) {
      let rest = run.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("PWD=") && !$0.hasPrefix("_=") }
      #expect(ChildProgram.given(Array(rest)).sorted() == ["K=v", "PATH=/usr/bin:/bin"])
    }
    #expect(daemon.stderr.text.contains("to stdout\n"))
  }

  @Test("the command blocks and ignores no signal, which the daemon does")
  func commandSignals() async throws {
    // Not a shell, which has a mask of its own now and then.
    let daemon = try await world.ready(
      ["--on-change-command=/bin/grep", "--on-change-args=-E,^Sig(Blk|Ign):,/proc/self/status"])
    #expect(try await daemon.stderr.waitForLine(prefix: "SigBlk") == "SigBlk:\t0000000000000000")
    // The C library ignores two signals of its own, past those that programs use.
    #expect(try await daemon.stderr.waitForLine(prefix: "SigIgn").hasSuffix("0000000"))
    await end(daemon)
  }

  @Test("a command that fails is told, and the daemon goes on")
  func failure() async throws {
    let daemon = try await world.ready(["--on-change-command=\(try script("exit 3\n"))"])
    let line = try await daemon.stderr.waitForLine(containing: "changed")
    #expect(line.hasSuffix("; --on-change-command ended with status 3"))
    world.put("a2", "a")
    daemon.signal(SIGHUP)
    try await FileEvent.content(world.path("a"), "a2")
    await end(daemon)
  }

  @Test("a command that hangs is ended with all that it started, even when it heeds no SIGTERM")
  func hanging() async throws {
    // Hangs the first time only: one that heeds no SIGTERM would outlive the daemon that the test ends.
    let marker = world.directory.path + "/marker"
    let script = try script(
      "[ ! -e \(marker) ] || exit 0\ntouch \(marker)\ntrap '' TERM\nsleep 1000 &\nsleep 1000\nsleep 1000\n")
    let daemon = try await world.ready(["--on-change-command=\(script)", "--on-change-timeout=1s"])
    // Waits while the first refresh is still busy with its command, and comes after it.
    world.put("a2", "a")
    daemon.signal(SIGHUP)
    let line = try await daemon.stderr.waitForLine(containing: "changed")
    #expect(line.hasSuffix("; --on-change-command was ended because it took longer than 1s"))
    try await FileEvent.content(world.path("a"), "a2")
    // This waits for the end of stderr, which all that the commands started have open.
    await end(daemon)
  }

  @Test("SIGTERM ends the daemon at once, and a command that runs with it")
  func endDuringCommand() async throws {
    let script = try script(
      "trap 'echo ended >>\(journal); exit' TERM\necho begun >>\(journal)\nwhile :; do sleep 0.1; done\n")
    let daemon = try await world.ready(["--on-change-command=\(script)"])
    let journal = journal
    try await FileEvent.until("run", beside: journal) {
      FileManager.default.contents(atPath: journal)?.isEmpty == false
    }
    daemon.signal(SIGTERM)
    try await FileEvent.until("end of the command", beside: journal) {
      FileManager.default.contents(atPath: journal) == Data("begun\nended\n".utf8)
    }
    #expect(await daemon.wait(timeoutSeconds: 20) == .status(0))
    await world.first.stop()
  }

  @Test("the process of the id file gets the signal, and a file without a process is told")
  func signalled() async throws {
    let pidFile = world.directory.path + "/app.pid"
    let daemon = try await world.ready(["--on-change-signal=USR1:\(pidFile)"])
    let line = try await daemon.stderr.waitForLine(containing: "changed")
    #expect(line.hasSuffix("; SIGUSR1 was not sent by \(pidFile): No such file or directory"))
    let app = try ChildProgram(
      path: "/bin/sh", arguments: ["-c", "trap 'echo got it; exit' USR1; echo up; while :; do sleep 0.1; done"])
    _ = try await app.stdout.waitForLine(prefix: "up")
    try world.directory.write("\(app.pid)\n", to: "app.pid")
    world.put("a2", "a")
    daemon.signal(SIGHUP)
    _ = try await app.stdout.waitForLine(prefix: "got it")
    for (number, bad) in ["1", "0", "-1", "12 13", "", "x"].enumerated() {
      try world.directory.write(bad, to: "app.pid")
      world.put("a\(number)+", "a")
      daemon.signal(SIGHUP)
      try await FileEvent.content(world.path("a"), "a\(number)+")
    }
    await end(daemon)
    let lines = daemon.stderr.text.split(separator: "\n")
    #expect(lines.filter { $0.hasSuffix("it holds no process id above 1") }.count >= 5)
  }
}
