import Settings
import Testing
import Transfer

@testable import Delivery

@Suite("The guide's example speaks") struct ExampleAccountTests {
    @Test("What the answers mean")
    func verdicts() {
        func verdict(_ status: Int, _ body: String = "") -> Verdict {
            BachecaAccount.verdict(HTTPResponse(status: status, body: Array(body.utf8)))
        }
        #expect(verdict(201, #"{"id":"n7"}"#) == .delivered(remoteID: "n7"))
        #expect(verdict(200) == .delivered(remoteID: nil))
        for status in [401, 403] { #expect(verdict(status) == .stopped(reason: "Bacheca does not accept the token")) }
        #expect(verdict(410) == .unreachable(reason: "there is no such wall"))
        for status in [429, 500, 503] {
            #expect(verdict(status) == .tryAgain(reason: "Bacheca answered \(status)", after: nil, pause: true))
        }
        #expect(verdict(400) == .givenUp(reason: "Bacheca answered 400"))
    }

    @Test("Where nobody listens it comes again")
    func nobody() async throws {
        let client = try TransferClient(label: "test.bacheca", connectionsPerHost: 1)
        let account = BachecaAccount(api: "http://127.0.0.1:9", token: Secret("t"), client: client)
        let verdict = await account.send(ChatWords(text: "Ciao"), to: "w1")
        guard case .tryAgain(_, nil, true) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        await client.close()
    }
}
