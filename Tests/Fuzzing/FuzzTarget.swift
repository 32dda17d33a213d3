import Foundation

/// A part of the program that reads what strangers wrote, as one function of the bytes. It must come back, whatever they
/// are, within a time and memory that grow with their number alone; what else must hold, `must` says.
///
/// `Deploy/fuzz` runs these under libFuzzer, and FuzzTests over the corpus.
package struct FuzzTarget: Sendable {
    package let name: String
    /// Whoever wrote the bytes, and what reads them.
    package let summary: String
    /// The longest input that is tried, in bytes.
    package let length: Int
    package let run: @Sendable ([UInt8]) throws -> Void

    init(_ name: String, _ summary: String, length: Int = 4096, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.summary = summary
        self.length = length
        self.run = run
    }

    package static let all =
        bodies + chats + mail + open311 + proofs + names + files + wire + rules + templates + settings

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// What must hold of a reader and does not: it says something else the second time, or lets through what it must not.
package struct FuzzFinding: Error, CustomStringConvertible {
    package let description: String
}

func must(_ holds: Bool, _ rule: @autoclosure () -> String) throws(FuzzFinding) {
    guard !holds else { return }
    throw FuzzFinding(description: rule())
}

extension [UInt8] {
    /// The first line, and what follows it.
    var headed: (line: String, rest: [UInt8]) {
        let end = firstIndex(of: 0x0A) ?? endIndex
        return (String(decoding: self[..<end], as: UTF8.self), Array(dropFirst(end + 1)))
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
