import FederationAPI
import FederationClient
import Glibc

/// `--mode=init`: fetch every secret, put each in its place, become the program.
struct InitMode: Sendable {
  var options: CommandOptions
  var settings: InitSettings

  /// Returns only by throwing: nothing is written before every secret is there, and the program is not started
  /// before everything is written.
  func run(inherited: ProcessInheritance) async throws(Failure) -> Never {
    let program = Program(path: settings.binaryPath, arguments: settings.arguments)
    try program.check()
    let values = try await fetch()
    let environment: EnvironmentBlock
    do throws(InjectionError) {
      let injection = try Injection(settings.plan, values: values)
      environment = try injection.environment(over: inherited.environment)
      try injection.writeFiles()
    } catch {
      throw Failure(status: .injectionFailed, message: error.message)
    }
    try program.replaceProcess(environment: environment, inherited: inherited)
  }

  private func fetch() async throws(Failure) -> [SecretName: SecretBytes] {
    let client: FederationClient
    do throws(RPCError) {
      client = try FederationClient(configuration: settings.configuration)
    } catch {
      throw .usage(error.message)
    }
    let names = settings.plan.secrets
    let results = await client.secrets(names)
    await client.close()
    var values: [SecretName: SecretBytes] = [:]
    var failures: [String] = []
    for (name, result) in zip(names, results) {
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
}
