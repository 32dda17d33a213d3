import Civic
import Foundation
import FoundationXML
import Testing

@testable import Intake
@testable import Settings

/// Rome as an Open311 server.
enum Open311World {
    static let fixMyStreet = Open311Intake.Key(name: "fixmystreet", key: Secret("k-fms"), attests: [.email])
    static let office = Open311Intake.Key(name: "officina", key: Secret("k-office"), office: "polizia-locale-comando")

    static func server(
        in configuration: Configuration? = nil, _ change: (inout Open311Intake) -> Void = { _ in }
    ) throws -> Open311Server {
        let configuration = try configuration ?? Rome.configuration()
        var channel = try #require(configuration.channels["open311"])
        var intake = try #require(channel.open311)
        intake.keys = [fixMyStreet, office]
        change(&intake)
        channel.kind = .open311(intake)
        channel.isOpen = true
        return try #require(Open311Server(channel, in: configuration))
    }

    static func form(_ text: String) throws -> Open311Form { Open311Form(try FormBody(urlencoded: text)) }

    static func message(_ text: String, to server: Open311Server? = nil) throws -> Message {
        try Open311Report(form: form(text), server: server ?? self.server()).message(
            from: fixMyStreet, externalID: "e", text: 10_000, now: Rome.monday)
    }

    /// Why something is refused; fails the test if it is not.
    static func failure<T>(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> T
    ) throws -> Open311Failure {
        do { _ = try body() } catch let failure as Open311Failure { return failure }
        Issue.record("it was accepted", sourceLocation: sourceLocation)
        throw Accepted()
    }

    /// The names and texts of a document, in order: `<a><b>x</b></a>` is `a(b:x)`.
    static func outline(_ bytes: [UInt8]) throws -> String {
        let reader = OutlineReader()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(decoding: bytes, as: UTF8.self))")
        return reader.outline
    }
}

private final class OutlineReader: NSObject, XMLParserDelegate {
    var outline = ""
    private var text = ""
    private var isLeaf = false

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if isLeaf { outline += "(" } else if !outline.isEmpty, outline.last != "(" { outline += " " }
        outline += name
        text = ""
        isLeaf = true
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        outline += isLeaf ? (text.isEmpty ? "" : ":\(text)") : ")"
        isLeaf = false
        text = ""
    }
}
