import FederationClient

/// `--mode=init`: get every value, put each in its place, become the program.
struct InitMode: Sendable {
  var options: CommandOptions
  var settings: InitSettings

  /// Returns only by throwing: nothing is written before every value is there, and the program is not started
  /// before everything is written.
  func run(inherited: ProcessInheritance) async throws(Failure) -> Never {
    let program = Program(path: settings.binaryPath, arguments: settings.arguments)
    try program.check()
    let values = try await ValueSource(options: options, settings: settings).values()
    do throws(Failure) {
      try program.replaceProcess(environment: try inject(values, inherited), inherited: inherited)
    } catch {
      guard !values.outputs.isEmpty else { throw error }
      throw Failure(status: error.status, message: "\(error.message); \(GenerateAdvice.ending)")
    }
  }

  private func inject(
    _ values: ValueSource.Values, _ inherited: ProcessInheritance
  ) throws(Failure) -> EnvironmentBlock {
    do throws(InjectionError) {
      let injection = try Injection(settings.plan, values: values.secrets, outputs: values.outputs)
      let environment = try injection.environment(over: inherited.environment)
      try injection.writeFiles(settings.fileAttributes)
      return environment
    } catch {
      throw Failure(status: .injectionFailed, message: error.message)
    }
  }
}
