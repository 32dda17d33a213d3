import Civic
import TestSupport
import Testing

@testable import Attachments

@Suite struct LimitTests {
    private func file(_ name: String, _ bytes: Int) -> Civic.Attachment {
        Civic.Attachment(name: name, type: "", content: [UInt8](repeating: 0, count: bytes))
    }

    private var limits: AttachmentLimits {
        var limits = AttachmentLimits()
        (limits.count, limits.bytesEach, limits.bytesTogether) = (3, 100, 150)
        return limits
    }

    @Test func whatFitsIsKept() {
        let files = [file("a", 100), file("b", 50), file("c", 0)]
        let (kept, refused) = limits.admit(files)
        #expect(kept == files)
        #expect(refused.isEmpty)
    }

    @Test func whatIsBeyondIsNamed() {
        let (kept, refused) = limits.admit([
            file("../grande.jpg", 101), file("a", 100), file("b", 51), file("c", 50), file("d", 0), file("e", 0),
        ])
        #expect(kept.map(\.name) == ["a", "c", "d"])
        #expect(
            refused == [
                RefusedAttachment(name: "grande.jpg", bytes: 101, reason: .tooLarge(limit: 100)),
                RefusedAttachment(name: "b", bytes: 51, reason: .tooLargeTogether(limit: 150)),
                RefusedAttachment(name: "e", bytes: 0, reason: .tooMany(limit: 3)),
            ])
    }

    @Test func nothingIsLost() {
        var dice = Dice(3)
        for _ in 0..<200 {
            let files = (0..<Int.random(in: 0...6, using: &dice)).map {
                file("\($0)", Int.random(in: 0...120, using: &dice))
            }
            let (kept, refused) = limits.admit(files)
            #expect(kept.count + refused.count == files.count)
            #expect(Set(kept.map(\.name) + refused.map(\.name)) == Set(files.map(\.name)))
            #expect(kept.count <= 3 && kept.reduce(0) { $0 + $1.content.count } <= 150)
        }
    }
}
