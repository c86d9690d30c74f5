import Crypto
import FederationAPI
import Glibc
import Resources
import Synchronization

/// What a store has its own credentials from. A reload puts other Secrets into it, and the next question of a store that
/// stayed uses them.
public final class ProviderSecrets: Sendable {
  private struct State {
    var manifest: ManifestSecrets
    /// What was looked up.
    var used: Set<SecretKeySelector> = []
  }

  private let state: Mutex<State>
  private let changes = Atomic<UInt64>(0)

  /// Looks Secrets up in `manifest`.
  public init(_ manifest: ManifestSecrets) { state = Mutex(State(manifest: manifest)) }

  /// Another number each time that something which was looked up is another, or gone: what was made with it must end.
  public var revision: UInt64 { changes.load(ordering: .acquiring) }

  /// Looks Secrets up in `manifest` from now on. Without `endsLogins`, ``revision`` stays.
  public func replace(_ manifest: ManifestSecrets, endsLogins: Bool = true) {
    state.withLock { state in
      let hasChanged = state.used.contains { state.manifest[$0] != manifest[$0] }
      state.manifest = manifest
      if hasChanged, endsLogins { changes.add(1, ordering: .releasing) }
    }
  }

  /// The credential, without the line break that files mostly end with. Files are read each time: who rotates one need
  /// not tell the server.
  public func value(_ source: CredentialSource) throws(BackendError) -> SecretBytes {
    switch source {
    case .secret(let selector):
      let found = state.withLock { state in
        state.used.insert(selector)
        return state.manifest[selector]
      }
      guard let value = found else {
        throw .misconfigured(
          reason:
            "there is no \(selector.isConfigMap ? "ConfigMap" : "Secret") \(selector.namespace)/\(selector.name) with the key \(selector.key)"
        )
      }
      return value
    case .file(let path):
      let content: [UInt8]?
      do throws(RPCError) {
        content = try BoundedFile.read(path, limit: CredentialSource.maximumByteCount, purpose: "credential")
      } catch { throw .misconfigured(reason: error.message) }
      guard var bytes = content else { throw .misconfigured(reason: "there is no file \(path)") }
      while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
      return SecretBytes(wiping: &bytes)
    case .environment(let name):
      guard let text = getenv(name) else {
        throw .misconfigured(reason: "the server's environment has no variable \(name)")
      }
      return SecretBytes(String(cString: text))
    }
  }

  /// The credential as text of one line, as headers and JSON need it.
  public func text(_ source: CredentialSource) throws(BackendError) -> String {
    guard let text = try value(source).text, !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .misconfigured(reason: "a credential is empty or no text of one line")
    }
    return text
  }

  /// The certificates that verify a server, nil for the system's roots.
  public func certificates(_ trust: TLSTrust?) throws(BackendError) -> [UInt8]? {
    let pem: [UInt8]
    switch trust {
    case nil: return nil
    case .bundle(let bundle): pem = bundle
    case .secret(let selector): pem = try value(.secret(selector)).copied
    }
    do throws(CryptoError) {
      return try CertificateBundle(pem: pem).pem
    } catch { throw .misconfigured(reason: "the CA certificates cannot be read: \(error)") }
  }
}
