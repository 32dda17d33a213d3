import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import Intake

@Suite("The kind of content that is taken") struct ContentTypeTests {
    private func request(_ name: HTTPField.Name, _ value: String) -> Request {
        var head = HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/")
        head.headerFields[name] = value
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(
        "JSON in UTF-8",
        arguments: [
            "application/json", "application/json; charset=utf-8", "Application/JSON;Charset=\"UTF-8\"",
            "application/json ; profile=x", "application/ld+json", "application/json;",
        ])
    func taken(_ type: String) {
        #expect(throws: Never.self) { try request(.contentType, type).requireJSON() }
    }

    @Test(
        "Anything else is a 415",
        arguments: [
            "", "text/plain", "application/jsonx", "application/json; charset=utf-16", "text/json",
            "application/json; profile=x; charset=iso-8859-1", "application/json;charset=", "application/xml",
        ])
    func refused(_ type: String) throws {
        let problem = try problem { try request(.contentType, type).requireJSON() }
        #expect(problem.status.code == 415)
        #expect(problem.detail.contains(type.contains("charset") ? "utf-8" : "application/json"))
    }

    @Test("Nothing is decompressed", arguments: ["gzip", "br", "identity, gzip"])
    func compressed(_ encoding: String) throws {
        let problem = try problem { try request(.contentEncoding, encoding).requireJSON() }
        #expect(problem.status.code == 415)
        #expect(problem.detail.contains("Content-Encoding"))
        #expect(throws: Never.self) { try request(.contentEncoding, "Identity").requireJSON() }
    }
}
