import FederationAPI
import Testing

@testable import Service

@Suite struct BatchAnswerTests {
  private let megabyte = SecretBytes([UInt8](repeating: 1, count: 1 << 20))

  @Test("from the first result on that has no room, all are refused, in order")
  func fills() {
    var answer = BatchAnswer(count: 6)
    let appended = (0..<5).map { _ in answer.append(.success(megabyte)) } + [answer.append(.success(SecretBytes("x")))]
    #expect(appended == [true, true, true, false, false, false])
    #expect(answer.results[2] == .success(megabyte))
    #expect(answer.results[3...].allSatisfy { $0 == .failure(BatchAnswer.full) })
  }

  @Test("whatever is in it, a thousand results stay under the message limit")
  func limit() {
    for size in [0, 1, 90, 4_090, 4_200, 40_000, 1 << 20] {
      var answer = BatchAnswer(count: 1_000)
      let value = SecretBytes([UInt8](repeating: 7, count: size))
      let error = RPCError(.notFound, String(repeating: "e", count: size))
      for index in 0..<1_000 { _ = answer.append(index.isMultiple(of: 2) ? .success(value) : .failure(error)) }
      let bytes = answer.results.reduce(0) { sum, result in
        switch result {
        case .success(let value): sum + value.count + 12
        case .failure(let error): sum + error.message.utf8.count + 16
        }
      }
      #expect(answer.results.count == 1_000)
      #expect(bytes <= Limits.message - 1_024, "of \(size) bytes each")
    }
  }

  @Test("a value that no batch can hold is told to be asked for alone; a smaller one is left as it is")
  func bounded() {
    let huge = SecretBytes([UInt8](repeating: 1, count: Limits.message))
    guard case .failure(let error) = BatchAnswer.bounded(.success(huge)) else { return #expect(Bool(false)) }
    #expect(error.code == .resourceExhausted && error.message.contains("alone"))
    #expect(BatchAnswer.bounded(.success(megabyte)) == .success(megabyte))
    #expect(BatchAnswer.bounded(.failure(.notAuthorized)) == .failure(.notAuthorized))
  }
}
