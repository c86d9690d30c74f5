import FederationAPI
import Testing

@Suite struct GeneratorConformanceTests {
  @Test("the same question has the same answer on all wires", arguments: GeneratorCase.all)
  func sameAnswer(_ asked: GeneratorCase) async throws {
    let world = try await GeneratorWorld.shared.value
    let question = GeneratorQuestion(
      operation: asked.operation, token: try asked.token(world), workloadToken: try asked.workloadToken(world))
    for wire in GeneratorWire.allCases {
      #expect(try await wire.ask(question, in: world) == asked.expected, "over \(wire.rawValue)")
    }
  }

  @Test("no case stands in the table twice")
  func names() {
    let names = GeneratorCase.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test("each password is another one, of the length that was asked for", arguments: GeneratorWire.allCases)
  func password(wire: GeneratorWire) async throws {
    let world = try await GeneratorWorld.shared.value
    var seen: Set<String> = []
    for _ in 0..<20 {
      let question = GeneratorQuestion(operation: .generate(GeneratorCase.database), token: try world.token())
      let answer = try await wire.ask(question, in: world)
      #expect(answer.status == 200)
      let password = try #require(answer.value("password"))
      #expect(password.unicodeScalars.count == 20)
      seen.insert(password)
    }
    #expect(seen.count == 20)
  }
}
