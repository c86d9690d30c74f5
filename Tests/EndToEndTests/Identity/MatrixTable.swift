import FederationAPI

/// How a matrix is printed: a row for each method and wire, a column for each condition.
enum MatrixTable {
  static func word(_ answer: Result<String, RPCError>) -> String {
    switch answer {
    case .success: "OK"
    case .failure(let error): "\(error.code)"
    }
  }

  static func text(_ cells: [String: [String]], columns: [String]) -> String {
    func row(_ words: [String]) -> String {
      words.map { $0 + String(repeating: " ", count: max(1, 22 - $0.count)) }.joined()
    }
    let rows = cells.sorted { $0.key < $1.key }.map { row([$0.key] + $0.value) }
    return ([row(["method/wire"] + columns)] + rows).joined(separator: "\n")
  }
}
