import Crypto
import FederationAPI
import JSON
import PostgreSQL
import Resources

/// Makes a login role with a password for each caller (docs/ARCHITECTURE.md, "Generators").
///
/// A role is its state's own when its comment holds the state's `id`: only then is it dropped. All that is done about
/// one role name happens under one lock of the database, which a transaction that is still in flight keeps: cleanup
/// waits for a CREATE that a killed server left there.
///
/// What a role owned is its heir's afterwards, functions that run as their owner included: an heir that is a superuser,
/// as the generator's own login mostly is, lends its rights to whoever wrote them. `reassignTo` names a better one.
public struct PostgreSqlGenerator: Generator {
  /// Characters of a password.
  static let passwordLength = 32
  /// PostgreSQL cuts longer names off without a word.
  static let maximumNameBytes = 63
  /// How often a role is taken back that somebody else is taking back, too.
  private static let cleanupAttempts = 4
  /// undefined_object, deadlock_detected, and what a row of a catalog is guarded by (PostgreSQL, appendix A).
  private static let collisions: Set<String> = ["42704", "40P01", "XX000"]

  private static let lowerCase = Array("abcdefghijklmnopqrstuvwxyz".utf8)
  private static let upperCase = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
  private static let digits = Array("0123456789".utf8)

  private let spec: PostgreSqlSpec
  private let password: @Sendable () throws(RPCError) -> SecretBytes
  private let lines: GeneratorLines?
  private let connections: PostgreSqlConnections

  /// Makes a generator that asks `password` for the login's password each time, so that a new one is used at once.
  /// `lines` get the reasons that callers must not see.
  public init(
    _ spec: PostgreSqlSpec, lines: GeneratorLines? = nil,
    password: @escaping @Sendable () throws(RPCError) -> SecretBytes
  ) {
    self.spec = spec
    self.password = password
    self.lines = lines
    connections = PostgreSqlConnections(spec)
  }

  /// Chooses the role's name. The state is `username`, and `id` for the role's comment.
  public func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan {
    _ = try password()
    var name = spec.user.username
    if spec.user.suffixSize > 0 { name += "_" + (try Self.randomName(spec.user.suffixSize)) }
    for name in [name] + spec.user.roles + [spec.user.reassignTo].compactMap({ $0 }) {
      guard !name.isEmpty, !name.contains("\u{0}"), name.utf8.count <= Self.maximumNameBytes else {
        throw RPCError(
          .failedPrecondition,
          "names of PostgreSQL roles have to have 1 to \(Self.maximumNameBytes) bytes, the suffix included")
      }
    }
    let id = try Self.randomName(24)
    return GenerationPlan(
      state: ["username": .string(name), "id": .string(id)], expiresAtSeconds: request.expiresAtSeconds)
  }

  /// Makes the role. Fails with FAILED_PRECONDITION when there is one of its name.
  public func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedCredential {
    let role = try OwnedRole(plan.state)
    let secret = try Self.randomPassword()
    let creation = RoleCreation(user: spec.user, role: role, password: secret, expiresAtSeconds: plan.expiresAtSeconds)
    let password = try password()
    let isNew: Bool
    do throws(PostgreSQLError) {
      isNew = try await connections.pool(password: password).withConnection { connection throws(PostgreSQLError) in
        try creation.run(on: connection)
      }
    } catch { throw refusal(error) }
    guard isNew else { throw RPCError(.failedPrecondition, "PostgreSQL has a role of this name already") }
    return GeneratedCredential(values: ["username": SecretBytes(role.name), "password": secret])
  }

  /// Ends the role's sessions, gives away or drops what it owns in every database, and drops it.
  public func cleanUp(_ state: JSONValue) async throws(RPCError) {
    let role = try OwnedRole(state)
    let cleanup = RoleCleanup(user: spec.user, role: role)
    let password = try password()
    do throws(PostgreSQLError) {
      let pool = try connections.pool(password: password)
      for attempt in 1... {
        do throws(PostgreSQLError) {
          return try await cleanUp(cleanup, pool, password)
        } catch {
          // Of two that take the same role back, one finds it gone, or changed, in the middle of its work.
          guard attempt < Self.cleanupAttempts, Self.collisions.contains(error.sqlState ?? "") else { throw error }
        }
      }
    } catch { throw refusal(error) }
  }

  private func cleanUp(
    _ cleanup: RoleCleanup, _ pool: PostgreSQLPool, _ password: SecretBytes
  ) async throws(PostgreSQLError) {
    let databases = try await pool.withConnection(timeoutSeconds: PostgreSqlConnections.cleanupSeconds) {
      connection throws(PostgreSQLError) in try cleanup.lockOut(on: connection)
    }
    guard let databases else { return }
    for database in databases {
      let other = try connections.single(database: database, password: password)
      defer { other.close() }
      try await other.withConnection { connection throws(PostgreSQLError) in try cleanup.emptyOut(on: connection) }
    }
    try await pool.withConnection(timeoutSeconds: PostgreSqlConnections.cleanupSeconds) {
      connection throws(PostgreSQLError) in try cleanup.drop(on: connection)
    }
  }

  /// `count` characters that a role's name may have without quotes.
  private static func randomName(_ count: Int) throws(RPCError) -> String {
    do throws(CryptoError) {
      return String(decoding: try SecureRandom.characters(count, of: lowerCase + digits), as: UTF8.self)
    } catch { throw RPCError(error) }
  }

  private static func randomPassword() throws(RPCError) -> SecretBytes {
    do throws(CryptoError) {
      var characters = try SecureRandom.characters(passwordLength, of: upperCase + lowerCase + digits)
      return SecretBytes(wiping: &characters)
    } catch { throw RPCError(error) }
  }

  private func refusal(_ error: PostgreSQLError) -> RPCError {
    lines?.write(.postgreSQLFailed, ["sqlstate": error.sqlState ?? "", "reason": error.message])
    return RPCError(error)
  }
}

/// The role that a state tells of.
struct OwnedRole: Sendable {
  let name: String
  /// What the role's comment has to be.
  let comment: String

  init(_ state: JSONValue) throws(RPCError) {
    guard let name = state["username"]?.string, let id = state["id"]?.string, !name.isEmpty, !id.isEmpty else {
      throw RPCError(.dataLoss, "the state names no PostgreSQL role")
    }
    self.name = name
    comment = "ese-federation \(id)"
  }
}

extension RPCError {
  /// Without the server's own words, which hold names and addresses.
  fileprivate init(_ error: PostgreSQLError) {
    self =
      switch error.sqlState {
      case _ where error.isTimeout || error.sqlState == "57014":
        RPCError(.deadlineExceeded, "PostgreSQL did not answer in time")
      case nil: RPCError(.unavailable, "PostgreSQL cannot be reached")
      // Two that change the same row of a catalog: one fails with an internal error.
      case "XX000": RPCError(.unavailable, "PostgreSQL is busy with the same role")
      case let state? where state.hasPrefix("28"):
        RPCError(.failedPrecondition, "PostgreSQL refuses the generator's login")
      case "2BP01": RPCError(.failedPrecondition, "the PostgreSQL role still owns something (2BP01)")
      case let state?:
        error.isTransient
          ? RPCError(.unavailable, "PostgreSQL cannot serve now (\(state))")
          : RPCError(.failedPrecondition, "PostgreSQL refuses what the generator asks (\(state))")
      }
  }
}
