import FederationAPI
import FederationClient

/// Gets all that a plan needs from the server, on one connection.
struct ValueSource: Sendable {
  var options: CommandOptions
  var settings: InitSettings

  /// What the server gave.
  struct Values: Sendable {
    var secrets: [SecretName: SecretBytes] = [:]
    var outputs: [GeneratorReference: [String: SecretBytes]] = [:]
  }

  /// Fetches every secret, then calls every generator once: a secret that is missing issues nothing.
  func values() async throws(Failure) -> Values {
    let client: FederationClient
    do throws(RPCError) {
      client = try FederationClient(configuration: settings.configuration)
    } catch {
      throw .usage(error.message)
    }
    let result: Result<Values, Failure>
    do throws(Failure) {
      let secrets = try await secrets(client)
      result = .success(Values(secrets: secrets, outputs: try await outputs(client)))
    } catch {
      result = .failure(error)
    }
    await client.close()
    return try result.get()
  }

  private func secrets(_ client: FederationClient) async throws(Failure) -> [SecretName: SecretBytes] {
    let names = settings.plan.secrets
    var values: [SecretName: SecretBytes] = [:]
    var failures: [String] = []
    for (name, result) in zip(names, await client.secrets(names, noteStale: reportStale)) {
      switch result {
      case .success(let value): values[name] = value
      case .failure(let error): failures.append(FetchAdvice.line(name, error, options))
      }
    }
    guard failures.isEmpty else {
      throw Failure(status: .injectionFailed, message: failures.joined(separator: "\nesi-cli: "))
    }
    return values
  }

  /// One after the other, so that none is asked for when the one before has failed.
  private func outputs(
    _ client: FederationClient
  ) async throws(Failure) -> [GeneratorReference: [String: SecretBytes]] {
    var outputs: [GeneratorReference: [String: SecretBytes]] = [:]
    for generator in settings.plan.generators {
      do throws(RPCError) {
        outputs[generator] = try await client.generate(generator)
      } catch {
        let ending = outputs.isEmpty ? "" : "; \(GenerateAdvice.ending)"
        throw Failure(
          status: .injectionFailed, message: GenerateAdvice.line(generator, error, options) + ending)
      }
    }
    return outputs
  }
}
