/// Every question that both wires are asked.
enum ConformanceTable {
  static let all = signatures + claims + tokenShapes + grants + requests + certificates
}
