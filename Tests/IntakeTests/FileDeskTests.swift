import Civic
import Settings
import Testing

@testable import Intake

@Suite("The files of a message") struct FileDeskTests {
    @Test("A picture within the text and the same one beside it are told apart")
    func inline() throws {
        let picture = Attachment(name: "a.txt", type: "text/plain", content: Array("una buca".utf8))
        var within = picture
        within.isInline = true
        let files = try FileDesk.standard().take(
            [picture, within, picture], bounds: FileBounds(), zone: Rome.configuration().city.zone)
        #expect(files.kept.map(\.isInline) == [false, true, false])
        #expect(files.seen.map(\.isInline) == [false, true, false])
    }
}
