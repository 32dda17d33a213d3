import Foundation
import Fuzzing
import TestSupport
import Testing

/// Every input that was ever worth keeping, through what reads it: those that once broke something, and the beginnings
/// from which `Deploy/fuzz` sets out.
@Suite("Hostile input") struct CorpusTests {
    static let corpus = Repository.root.appending(path: "Tests/Fuzzing/Corpus")

    @Test("The corpus", arguments: FuzzTarget.all.map(\.name))
    func corpus(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let folder = CorpusTests.corpus.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!files.isEmpty, "a target needs a beginning in \(folder.path)")
        for file in files {
            let bytes = Array(try Data(contentsOf: folder.appending(path: file)))
            do { try target.run(bytes) } catch { Issue.record("\(name)/\(file): \(error)") }
        }
        for bytes in [[], [0], [0x0A], [0xFF], Array("\u{0}".utf8)] as [[UInt8]] { try target.run(bytes) }
    }

    /// A search without libFuzzer's eyes, for every machine: PASQUINO_MUTATIONS is how many for each input of the corpus (20),
    /// PASQUINO_MUTATION names a file that has the input under way, should one end the process.
    @Test("Spoilt inputs, the same in every run", arguments: FuzzTarget.all.map(\.name))
    func spoilt(name: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["PASQUINO_MUTATIONS"].flatMap { Int($0) } ?? 20
        let target = try #require(FuzzTarget.named(name))
        let folder = CorpusTests.corpus.appending(path: name)
        let inputs = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            Array(try Data(contentsOf: folder.appending(path: $0)))
        }
        var dice = Dice(
            name.utf8.reduce(environment["PASQUINO_SEED"].flatMap { UInt64($0) } ?? 0) { $0 &* 31 &+ UInt64($1) })
        var findings = 0
        for _ in 0..<count {
            for input in inputs where findings < 5 {
                let other = inputs.randomElement(using: &dice) ?? []
                let bytes = Mutation.spoil(input, with: other, length: target.length, &dice)
                if let file = environment["PASQUINO_MUTATION"] {
                    try Data(bytes).write(to: URL(fileURLWithPath: "\(file).\(name)"))
                }
                let start = ContinuousClock.now
                do { try target.run(bytes) } catch {
                    findings += 1
                    Issue.record("\(name): \(error); the input is \(Data(bytes).base64EncodedString())")
                }
                if ContinuousClock.now - start > .seconds(30) {
                    findings += 1
                    Issue.record("\(name): half a minute for \(Data(bytes).base64EncodedString())")
                }
            }
        }
    }

    @Test("No folder without a target")
    func strays() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: CorpusTests.corpus.path)
        #expect(Set(folders).subtracting(FuzzTarget.all.map(\.name)) == [])
    }
}
