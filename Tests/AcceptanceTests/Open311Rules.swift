import Foundation
import Testing

/// What the strictest readers of Open311 demand of a server's answers: the schemas of mySociety's open311-adapter, and
/// the rules of SeeClickFix's open311-validator and of validopen311; with the fields that GeoReport v2 has and the
/// adapter does not know.
enum Open311Rules {
    enum Kind {
        /// May be empty.
        case text
        case filled, flag, whole, number, moment
        case word(Set<String>)
    }

    /// One object against what it must and may have; what else it has is a fault.
    static func check(
        _ object: [String: Any], must: [String: Kind], may: [String: Kind] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (name, kind) in must {
            #expect(object[name] != nil, "\(name) is missing", sourceLocation: sourceLocation)
            check(object[name], kind, name, sourceLocation)
        }
        for (name, value) in object where must[name] == nil {
            guard let kind = may[name] else {
                Issue.record("\(name) is not known", sourceLocation: sourceLocation)
                continue
            }
            check(value, kind, name, sourceLocation)
        }
    }

    private static func check(_ value: Any?, _ kind: Kind, _ name: String, _ place: SourceLocation) {
        let text = value as? String
        let isNull = value is NSNull
        let isRight =
            switch kind {
            case .text: text != nil || isNull
            case .filled: text?.isEmpty == false
            case .flag: value is Bool || ["true", "false"].contains(text)
            case .whole: value is Int || text.flatMap { Int($0) } != nil
            case .number: value is Double || isNull || text?.isEmpty == true || text.flatMap { Double($0) } != nil
            case .moment: text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)/) != nil
            case .word(let words): text.map(words.contains) ?? false
            }
        #expect(isRight, "\(name): \(value ?? "nothing")", sourceLocation: place)
    }

    static func service(_ service: [String: Any]) {
        check(
            service,
            must: [
                "service_code": .filled, "service_name": .filled, "description": .filled, "metadata": .flag,
                "type": .word(["realtime", "batch", "blackbox"]), "keywords": .text, "group": .text,
            ])
    }

    static func attribute(_ attribute: [String: Any]) {
        let kind = attribute["datatype"] as? String ?? ""
        var must: [String: Kind] = [
            "variable": .flag, "code": .filled, "required": .flag, "datatype_description": .text, "order": .whole,
            "description": .filled,
            "datatype": .word(["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]),
        ]
        var attribute = attribute
        if kind.hasSuffix("list") {
            let values = attribute.removeValue(forKey: "values") as? [[String: Any]] ?? []
            #expect(!values.isEmpty)
            for value in values { check(value, must: ["key": .filled, "name": .filled]) }
        }
        must["values"] = nil
        check(attribute, must: must)
    }

    static func request(_ request: [String: Any]) {
        check(
            request,
            must: [
                "service_request_id": .filled, "status": .word(["open", "closed"]), "service_name": .filled,
                "service_code": .filled, "requested_datetime": .moment, "updated_datetime": .moment, "address": .text,
                "address_id": .text, "zipcode": .text, "lat": .number, "long": .number, "media_url": .text,
                "description": .text,
            ],
            may: [
                "agency_responsible": .text, "service_notice": .text, "status_notes": .text,
                "expected_datetime": .moment,
            ])
    }

    static func update(_ update: [String: Any]) {
        check(
            update,
            must: [
                "service_request_id": .filled, "update_id": .filled, "updated_datetime": .moment, "description": .text,
                "media_url": .text,
                "status": .word([
                    "open", "closed", "fixed", "in_progress", "action_scheduled", "investigating", "duplicate",
                    "not_councils_responsibility", "no_further_action", "internal_referral", "reopen", "for_triage",
                ]),
            ], may: ["external_status_code": .filled])
    }

    /// Discovery, as the validator of SeeClickFix reads it; but for the content type, which it wants without a charset,
    /// against the protocol.
    static func discovery(_ discovery: [String: Any]) throws {
        func isPast(_ value: Any?) throws -> Bool {
            let text = try #require(value as? String)
            let date = try #require(ISO8601DateFormatter().date(from: text))
            return date < Date()
        }
        #expect(try isPast(discovery["changeset"]))
        for name in ["contact", "key_service"] { #expect((discovery[name] as? String)?.isEmpty == false) }
        let endpoints = try #require(discovery["endpoints"] as? [[String: Any]])
        #expect(!endpoints.isEmpty)
        for endpoint in endpoints {
            #expect(endpoint["specification"] as? String == "http://wiki.open311.org/GeoReport_v2")
            #expect((endpoint["url"] as? String)?.hasPrefix("http") == true)
            #expect(["production", "test"].contains(endpoint["type"] as? String))
            #expect(try isPast(endpoint["changeset"]))
            #expect((endpoint["formats"] as? [String])?.contains("text/xml") == true)
        }
    }

    /// An answer's XML says what its JSON does: the same names in the same order, the same texts.
    static func same(_ xml: XMLTree.Element, _ json: Any, sourceLocation: SourceLocation = #_sourceLocation) {
        switch json {
        case let list as [Any]:
            #expect(xml.children.count == list.count, sourceLocation: sourceLocation)
            for (element, value) in zip(xml.children, list) { same(element, value, sourceLocation: sourceLocation) }
        case let object as [String: Any]:
            #expect(Set(xml.children.map(\.name)) == Set(object.keys), sourceLocation: sourceLocation)
            for element in xml.children {
                if let value = object[element.name] { same(element, value, sourceLocation: sourceLocation) }
            }
        case let text as String: #expect(xml.text == text, sourceLocation: sourceLocation)
        case is NSNull: #expect(xml.text == "", sourceLocation: sourceLocation)
        default: #expect(!xml.text.isEmpty, sourceLocation: sourceLocation)
        }
    }
}
