import Foundation
import Testing

@testable import FederationAPI

@Suite struct SecretRegionsTests {
  @Test("pieces of every size do not overlap, and hold what is written until they are given back")
  func pieces() {
    var regions = SecretRegions()
    var taken: [(start: UnsafeMutableRawPointer, count: Int)] = []
    for round in 0..<40 {
      for bits in 0...17 {
        for count in [1 << bits, (1 << bits) - bits % 3] where count <= SecretRegions.largestPiece {
          let start = regions.take(count)
          #expect(UInt(bitPattern: start) % 16 == 0)
          start.initializeMemory(as: UInt8.self, repeating: UInt8(taken.count % 251), count: count)
          taken.append((start, count))
        }
      }
      if round % 3 == 2 {
        // Every other one comes back and is taken anew.
        for index in stride(from: 0, to: taken.count, by: 2) {
          regions.give(taken[index].start, taken[index].count)
          taken[index].start = regions.take(taken[index].count)
          taken[index].start.initializeMemory(as: UInt8.self, repeating: UInt8(index % 251), count: taken[index].count)
        }
      }
    }
    for (index, piece) in taken.enumerated() {
      let bytes = UnsafeRawBufferPointer(start: piece.start, count: piece.count)
      #expect(bytes.allSatisfy { $0 == UInt8(index % 251) }, "piece \(index) of \(piece.count) bytes")
    }
    for piece in taken { regions.give(piece.start, piece.count) }
  }

  @Test("regions whose pieces have all come back are given back, but for one of each size")
  func returned() throws {
    var regions = SecretRegions()
    let before = try mappings()
    let taken = (0..<70).map { _ in regions.take(SecretRegions.largestPiece) }
    #expect(try mappings() >= before + (9 << 20))
    for piece in taken { regions.give(piece, SecretRegions.largestPiece) }
    #expect(try mappings() <= before + (1 << 20))
  }

  /// Bytes that are mapped and not dumped.
  private func mappings() throws -> Int {
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
    let smaps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
    var size = 0
    var total = 0
    for line in smaps.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.first == "Size:" { size = Int(words[1]) ?? 0 }
      if words.first == "VmFlags:", words.contains("dd") { total += size << 10 }
    }
    return total
  }
}
