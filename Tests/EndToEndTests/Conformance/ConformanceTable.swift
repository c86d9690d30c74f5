/// Every question that every wire is asked.
enum ConformanceTable {
  static let all = signatures + claims + tokenShapes + grants + requests + certificates
}
