import Civic
import Foundation
import Testing

@testable import Intake

@Suite("Open311: XML and JSON") struct Open311ValueTests {
    @Test("The root and the names of what is repeated are in XML only; what is empty is null in JSON")
    func conversion() throws {
        let value = Open311Value.list(
            of: "request",
            [
                .object([
                    ("service_request_id", .text("001")), ("lat", .number(41.9)), ("open", .flag(true)),
                    ("order", .whole(1)), ("media_url", .text(nil)), ("zipcode", .text("")),
                    ("values", .list(of: "value", [.text("a"), .text("b")])),
                ])
            ])
        #expect(
            value.json.text
                == #"[{"service_request_id":"001","lat":41.9,"open":true,"order":1,"media_url":null,"zipcode":null,"values":["a","b"]}]"#
        )
        let xml = try value.xml(root: "service_requests")
        #expect(String(decoding: xml, as: UTF8.self).hasPrefix(#"<?xml version="1.0" encoding="UTF-8"?>"#))
        #expect(
            try Open311World.outline(xml)
                == "service_requests(request(service_request_id:001 lat:41.9 open:true order:1 media_url zipcode values(value:a value:b)))"
        )
        #expect(Open311Value.list(of: "request", []).json.text == "[]")
        #expect(try Open311World.outline(Open311Value.list(of: "a", []).xml(root: "as")) == "as")
    }

    @Test(
        "Every text comes back as it was, but for what XML has no way to say",
        arguments: [
            ("a < b && c > \"d\" 'e' ]]>", "a < b && c > \"d\" 'e' ]]>"), ("è un’altra – 🕳️", "è un’altra – 🕳️"),
            ("a\u{0}b\u{1}c\u{8}d\u{B}e\u{1F}f\u{FFFE}g\u{FFFF}h", "abcdefgh"), ("a\tb\nc\rd", "a\tb\nc\rd"),
            ("<!-- --><?pi ?><![CDATA[x]]>&amp;&#0;", "<!-- --><?pi ?><![CDATA[x]]>&amp;&#0;"),
            ("\u{85}\u{2028}\u{10FFFF}\u{FFFD}", "\u{85}\u{2028}\u{10FFFF}\u{FFFD}"),
        ])
    func texts(_ text: String, _ wanted: String) throws {
        let bytes = try Open311Value.text(text).xml(root: "t")
        #expect(try Open311World.outline(bytes) == "t:\(wanted)")
    }

    @Test("Long answers, written by many at once")
    func many() async throws {
        let text = String(repeating: "è & ", count: 5000)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    try Open311Value.list(of: "a", (0..<20).map { _ in .text(text) }).xml(root: "r").count
                }
            }
            for try await count in group { #expect(count > 20 * text.utf8.count) }
        }
    }

    @Test("A refusal tells all reasons, in the format that was asked for")
    func failures() throws {
        let failure = Open311Failure(.badRequest, ["lat: a & b", "email: c"])
        #expect(failure.reasons.map(\.code) == [400, 400])
        let response = try failure.response(.xml)
        #expect(response.status == .badRequest)
        #expect(response.headers[.contentType] == "text/xml; charset=utf-8")
        #expect(Open311Failure(Problem.unavailable("x")).retryAfter == 5)
    }

    @Test(
        "Addresses",
        arguments: [
            ("discovery.xml", nil, Open311Address.discovery, Open311Format.xml),
            ("services.JSON", nil, .services, .json),
            ("services", "strade.buche.json", .service("strade.buche"), .json), ("requests.xml", nil, .requests, .xml),
            ("requests", "RM-7Q4K2MXD.xml", .request("RM-7Q4K2MXD"), .xml), ("tokens", "x.json", .token("x"), .json),
            ("servicerequestupdates.xml", nil, .updates, .xml),
        ] as [(String, String?, Open311Address, Open311Format)])
    func addresses(_ resource: String, _ name: String?, _ address: Open311Address, _ format: Open311Format) throws {
        let read = try #require(Open311Address.read(resource, name))
        #expect(read.address == address)
        #expect(read.format == format)
    }

    @Test(arguments: ["", "requests", "requests.html", "discovery.xml.", ".xml", "x.json", "requests.xml/a"])
    func noAddress(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        #expect(Open311Address.read(parts.first ?? "", parts.count > 1 ? parts[1] : nil) == nil)
    }
}
