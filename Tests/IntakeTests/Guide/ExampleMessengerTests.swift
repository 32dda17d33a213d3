import Civic
import Foundation
import HTTPTypes
import Settings
import TestSupport
import Testing

@testable import Intake

@Suite("The guide's example listens") struct ExampleMessengerTests {
    private let messenger = BachecaMessenger(secret: Secret("parola"), medium: .telegram)

    private func delivery(_ body: String, secret: String? = "parola") throws -> Delivery {
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name("X-Bacheca-Secret"))] = secret
        return Delivery(
            url: "https://citta.example.org/v1/channels/bacheca", headers: headers, body: Array(body.utf8),
            receivedAt: Rome.monday)
    }

    @Test("Only who knows the secret is heard")
    func proof() throws {
        #expect(throws: Never.self) { try messenger.prove(try delivery("{}")) }
        for secret in [nil, "", "Parola", "parola2"] {
            let refused = try problem { try messenger.prove(try delivery("{}", secret: secret)) }
            #expect(refused.status.code == 401)
        }
    }

    @Test("What is said, changed, asked, seen; what is not known is ignored")
    func events() throws {
        func read(_ type: String, _ note: String) throws -> [ChatEvent] {
            try messenger.read(
                try delivery(#"{"id":"e1","type":"\#(type)","at":1795252530,"note":\#(note),"new":[]}"#))
        }
        let note = #"{"id":"n1","wall":"w1","author":{"id":"u1","name":"Anna"},"text":"Una buca","pictures":["p9"]}"#
        var message = ChatMessage(id: "e1", chat: "w1", account: "u1")
        message.name = "Anna"
        message.text = "Una buca"
        message.sentAt = Timestamp(seconds: 1_795_252_530)
        message.media = [ChatMedia(reference: "p9", type: "image/jpeg")]
        #expect(try read("note", note) == [.message(message)])
        #expect(try read("note.changed", note) == [.edited(message)])
        message.text = "/STOP"
        #expect(try read("note", note.replacing("Una buca", with: "/STOP")) == [.command(.stop, message)])
        #expect(
            try read("seen", note)
                == [.receipt(ChatReceipt(messageID: "n1", state: .read, at: Timestamp(seconds: 1_795_252_530)))])
        #expect(try read("wall.painted", "null") == [.ignored(id: "e1", kind: "wall.painted")])
        #expect(try read("note", "null") == [.ignored(id: "e1", kind: "note")])
    }

    @Test(
        "What cannot be understood is told without the citizen's words", arguments: ["", "{", "[]", #"{"id":"Anna"}"#])
    func unreadable(_ body: String) throws {
        let delivery = try delivery(body)
        let error = #expect(throws: UnreadableDelivery.self) { try messenger.read(delivery) }
        #expect(error?.reason.contains("Anna") == false)
    }

    @Test(
        "The guide shows the examples as they are compiled",
        arguments: ["IntakeTests/Guide/ExampleMessenger.swift", "DeliveryTests/Guide/ExampleAccount.swift"])
    func guide(_ file: String) throws {
        let guide = try String(contentsOf: Repository.root.appending(path: "Sources/README.md"), encoding: .utf8)
        let code = try String(contentsOf: Repository.root.appending(path: "Tests/\(file)"), encoding: .utf8)
        #expect(guide.contains("```swift\n\(code)```\n"), "copy Tests/\(file) into Sources/README.md")
        #expect(guide.contains("(../Tests/\(file))"))
    }

    @Test("What the guide names is there")
    func files() throws {
        let guide = try String(contentsOf: Repository.root.appending(path: "Sources/README.md"), encoding: .utf8)
        let names = guide.matches(of: /\]\(([A-Za-z.\/+]+)(?:#[a-z-]+)?\)/).map { String($0.output.1) }
        #expect(names.count > 10)
        for name in names {
            let path = Repository.root.appending(path: "Sources/\(name)").standardizedFileURL.path
            #expect(FileManager.default.fileExists(atPath: path), "\(name)")
        }
    }
}
