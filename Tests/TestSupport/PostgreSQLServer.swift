import Crypto
import Foundation
import Glibc
import PostgreSQL
import Synchronization

/// A PostgreSQL server of its own: a fresh cluster in a temporary directory, on a loopback port, with one superuser who
/// logs in with a password.
///
/// It ends, and its files go, with the last reference or with this process, however that ends.
public final class PostgreSQLServer: Sendable {
  /// How to stop it.
  public enum Stop: Sendable {
    /// Ends every session and closes the files properly.
    case fast
    /// As a crash does.
    case immediate
  }

  /// The superuser's name.
  public static let user = "admin"
  private static let programs = "/usr/lib/postgresql/15/bin/"

  /// The superuser's password.
  public let password: String
  /// The port on 127.0.0.1, the same for the server's whole life.
  public let port: UInt16
  private let directory: TemporaryDirectory
  private let watchdog: Watchdog
  private let process: Mutex<ChildProgram?>

  /// Makes the cluster and starts the server.
  public init() async throws {
    directory = try TemporaryDirectory()
    watchdog = try Watchdog(directory: directory.path)
    password = Hexadecimal.encode(try SecureRandom.bytes(16))
    try directory.write(password, to: "password")
    for path in [directory.path, directory.path + "/password"] { try Self.give(path) }
    let cluster = try Self.run(
      "initdb", "-D", directory.path + "/data", "-U", Self.user, "--pwfile", directory.path + "/password", "--auth",
      "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    guard await cluster.wait() == .status(0) else {
      throw TestSupportError("initdb failed: \(cluster.stderr.text)")
    }
    // PostgreSQL knows no port 0. Another program may take a port between our look and its start; then it is the next.
    for attempt in 1... {
      let candidate = try FreePort.any()
      do {
        process = Mutex(try await Self.start(directory.path, candidate))
        port = candidate
        return
      } catch  where attempt < 5 {}
    }
    throw TestSupportError("no port is free")
  }

  private static let sharedServer = Task { try await PostgreSQLServer() }

  /// One server for all tests that do not stop it; each makes its own database.
  public static func shared() async throws -> PostgreSQLServer { try await sharedServer.value }

  /// The URL of `database`, with the superuser's name and password.
  public func url(database: String = "postgres") -> String {
    "postgres://\(Self.user):\(password)@127.0.0.1:\(port)/\(database)"
  }

  /// Makes an empty database and gives its URL.
  public func makeDatabase(options: String = "") async throws -> String {
    let name = "test_" + Hexadecimal.encode(try SecureRandom.bytes(6))
    try await execute("CREATE DATABASE \(name) \(options)")
    return url(database: name)
  }

  /// Makes an empty database of a new role's own, who logs in with `password`, and gives its URL for that role.
  public func makeDatabase(ownedBy prefix: String, password: String) async throws -> String {
    let name = "\(prefix)_" + Hexadecimal.encode(try SecureRandom.bytes(6))
    try await execute("CREATE ROLE \(name) LOGIN PASSWORD '\(password)'")
    try await execute("CREATE DATABASE \(name) OWNER \(name)")
    return "postgres://\(name):\(password)@127.0.0.1:\(port)/\(name)"
  }

  /// Runs one statement as superuser and gives its rows.
  @discardableResult
  public func execute(_ sql: String, in database: String = "postgres") async throws -> [[String?]] {
    let pool = PostgreSQLPool(try PostgreSQLSettings(parsing: url(database: database)), maximum: 1)
    defer { pool.close() }
    return try await pool.withConnection(timeoutSeconds: 30) { connection throws(PostgreSQLError) in
      try connection.query(sql).rows
    }
  }

  /// Stops the server; its port stays its own as far as nobody else takes it.
  public func stop(_ how: Stop) async {
    let running = process.withLock { process in
      defer { process = nil }
      return process
    }
    running?.signal(how == .fast ? SIGINT : SIGQUIT)
    _ = await running?.wait()
  }

  /// Starts a stopped server again, on the same port.
  public func start() async throws {
    let started = try await Self.start(directory.path, port)
    process.withLock { $0 = started }
  }

  /// Keeps the server from running while its connections stay open, or lets it run again.
  public func freeze(_ isFrozen: Bool) throws {
    let parent = process.withLock { $0?.pid } ?? 0
    guard parent > 0 else { throw TestSupportError("the server is not running") }
    // The sessions are processes of their own; they leave the server's group, so each is told by itself.
    let children = (try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)) ?? ""
    for pid in [parent] + children.split(separator: " ").compactMap({ pid_t($0) }) {
      kill(pid, isFrozen ? SIGSTOP : SIGCONT)
    }
  }

  private static func start(_ directory: String, _ port: UInt16) async throws -> ChildProgram {
    let server = try run(
      "postgres", "-D", directory + "/data", "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c",
      "unix_socket_directories=\(directory)", "-c", "fsync=off", "-c", "log_statement=all", "-c", "max_connections=100")
    _ = try await server.stderr.waitForLine(containing: "database system is ready to accept connections")
    return server
  }

  /// Lets clients in by TLS with `certificate`, from the next start on.
  public func useTLS(_ certificate: TestCertificateAuthority.ServerCertificate) async throws {
    for (name, bytes) in [("server.crt", certificate.certificatePEM), ("server.key", certificate.keyPEM)] {
      let path = try directory.write(bytes, to: name)
      try Self.give(path)
      chmod(path, 0o600)
      try await execute("ALTER SYSTEM SET ssl_\(name.hasSuffix("crt") ? "cert" : "key")_file = '\(path)'")
    }
    try await execute("ALTER SYSTEM SET ssl = on")
  }

  /// What the running server has logged, every statement included.
  public var log: String { process.withLock { $0?.stderr.text } ?? "" }

  /// Runs one of PostgreSQL's programs, which refuse to be root, as `postgres` then.
  private static func run(_ program: String, _ arguments: String...) throws -> ChildProgram {
    let command = [programs + program] + arguments
    guard getuid() == 0 else { return try ChildProgram(path: command[0], arguments: arguments) }
    let user = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    return try ChildProgram(path: "/usr/bin/setpriv", arguments: user + command)
  }

  private static func give(_ path: String) throws {
    guard getuid() == 0 else { return }
    guard let user = getpwnam("postgres"), chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
      throw TestSupportError("cannot give \(path) to postgres: errno \(errno)")
    }
  }
}

/// Ends the server and removes its files when this process lets go of the pipe, were it by being killed.
private final class Watchdog: Sendable {
  private static let script = """
    cat >/dev/null
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    # After a crash the file is still there, and its number may be another process's by now.
    if grep -qsF "$1/data" "/proc/$pid/cmdline"; then kill -CONT "$pid"; kill -QUIT "$pid"; tail --pid="$pid" -f /dev/null; fi
    rm -rf "$1"
    """
  private let descriptor: Int32

  init(directory: String) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw TestSupportError("pipe failed with errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    descriptor = ends[1]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", Self.script, "watchdog", directory]
    process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit { close(descriptor) }
}

/// A TCP port on 127.0.0.1 that nobody has.
public enum FreePort {
  /// One that was free a moment ago.
  public static func any() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestSupportError("socket failed with errno \(errno)") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
    }
    guard status == 0 else { throw TestSupportError("no free port: errno \(errno)") }
    return UInt16(bigEndian: address.sin_port)
  }
}
