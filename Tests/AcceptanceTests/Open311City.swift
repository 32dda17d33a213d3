import Foundation
import FoundationXML

/// Rome as an Open311 server, spoken to as reporting systems do.
struct Open311City: Sendable {
    static let key = "acceptance-key-of-fixmystreet"
    static let officeKey = "acceptance-key-of-the-workshop"

    let city: City
    let running: City.Running

    var base: String { running.base + "/open311/v2/" }

    /// - Parameter settings: lines of the channel's `open311`, beside its own.
    static func with(_ settings: [String] = [], _ body: (Open311City) async throws -> Void) async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        let path = folder + "/channels.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = (settings + [""]).map { $0.isEmpty ? "" : "      \($0)\n" }.joined()
        let office = """
                    - {name: officina, key: "${env:PASQUINO_OFFICINA_KEY}", office: polizia-locale-comando}

            """
        let changed =
            text.replacingOccurrences(
                of: "      keys:\n        - name: fixmystreet",
                with: lines + "      keys:\n" + office + "        - name: fixmystreet")
        guard changed != text else { throw City.Failure("nothing was changed in \(path)") }
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
        let city = try await City(
            configuration: folder,
            extra: [
                "PASQUINO_OPEN311": "true", "PASQUINO_OPEN311_KEY": key, "PASQUINO_OFFICINA_KEY": officeKey,
            ])
        let running: City.Running
        do { running = try await city.start() } catch {
            await city.end(nil)
            throw error
        }
        do { try await body(Open311City(city: city, running: running)) } catch {
            await city.end(running)
            throw error
        }
        await city.end(running)
    }

    func get(_ path: String) async throws -> HTTP.Answer { try await HTTP.get(base + path) }

    func post(
        _ path: String = "requests.json", _ fields: [(String, String)], key: String? = Open311City.key
    ) async throws -> HTTP.Answer {
        let all = fields + (key.map { [("api_key", $0)] } ?? [])
        let allowed = CharacterSet.alphanumerics
        let text = all.map { name, value in
            [name, value].map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }.joined(separator: "=")
        }.joined(separator: "&")
        return try await HTTP.post(
            base + path, body: Data(text.utf8),
            headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"])
    }

    /// The id of a report that is taken.
    func report(_ fields: [(String, String)]) async throws -> String {
        let answer = try await post("requests.json", fields)
        guard answer.status == 200, let id = answer.list.first?["service_request_id"] as? String else {
            throw City.Failure("\(answer.status) \(answer.text)")
        }
        return id
    }

    func ticket(_ code: String) async throws -> [String: Any] {
        let (status, output) = try await city.run(["ticket", "show", code, "--json"])
        guard status == 0, let ticket = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        else { throw City.Failure(output) }
        return ticket
    }

    static let hole: [(String, String)] = [
        ("service_code", "manutenzione.buche"), ("lat", "41.8719"), ("long", "12.5674"),
        ("description", "C'è una buca enorme in via Tuscolana 512, chiamate Anna al 347 1234567"),
        ("email", "anna@example.org"), ("first_name", "Anna"), ("last_name", "Rossi"),
    ]
}

extension HTTP.Answer {
    /// The objects of the JSON list that the body is.
    var list: [[String: Any]] { (try? JSONSerialization.jsonObject(with: body)) as? [[String: Any]] ?? [] }
    var object: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
}

/// An XML element, with what is in it.
final class XMLTree: NSObject, XMLParserDelegate {
    struct Element {
        var name = ""
        var text = ""
        var children: [Element] = []

        subscript(_ name: String) -> String? { children.first { $0.name == name }?.text }
        func all(_ name: String) -> [Element] { children.filter { $0.name == name } }
    }

    private var open = [Element()]

    static func read(_ data: Data) throws -> Element {
        let tree = XMLTree()
        let parser = XMLParser(data: data)
        parser.delegate = tree
        guard parser.parse(), let root = tree.open[0].children.first else {
            throw City.Failure("no XML: \(String(decoding: data, as: UTF8.self))")
        }
        return root
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) { open.append(Element(name: name)) }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open[open.count - 1].text += text }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        let element = open.removeLast()
        open[open.count - 1].children.append(element)
    }
}
