import Civic
import Settings

/// What the city offers, and what it asks.
extension Open311Server {
    /// When what the protocol's part of the program says last changed.
    private static let changeset = "2026-11-01T00:00:00Z"

    var discovery: Open311Value {
        let formats = Open311Value.list(of: "format", ["text/xml", "application/json"].map { .text($0) })
        return .object([
            ("changeset", .text(Open311Server.changeset)), ("contact", .text(intake.contact)),
            ("key_service", .text(intake.keyService)),
            (
                "endpoints",
                .list(
                    of: "endpoint",
                    [
                        .object([
                            ("specification", .text("http://wiki.open311.org/GeoReport_v2")), ("url", .text(url)),
                            ("changeset", .text(Open311Server.changeset)),
                            ("type", .text(intake.isProduction ? "production" : "test")), ("formats", formats),
                        ])
                    ])
            ),
        ])
    }

    var serviceList: Open311Value {
        .list(of: "service", services.compactMap { categories[$0] }.map(service))
    }

    private func service(_ category: Category) -> Open311Value {
        let label = name(category.names, or: category.code)
        let meaning = name(category.meanings)
        return .object([
            ("service_code", .text(category.code)), ("service_name", .text(label)),
            ("description", .text(meaning.isEmpty ? label : meaning)),
            ("metadata", .flag(!category.attributes.isEmpty)), ("type", .text(intake.answer.rawValue)),
            ("keywords", .text(category.keywords.joined(separator: ","))),
            ("group", .text(name(category.areaNames))),
        ])
    }

    /// - Throws: 404 if it is not offered.
    func definition(of code: String) throws(Open311Failure) -> Open311Value {
        guard offers(code), let category = categories[code] else {
            throw .unknown("service_code: it is not offered here")
        }
        let attributes = category.attributes.enumerated().map { index, attribute in
            var members: [(String, Open311Value)] = [
                ("variable", .flag(true)), ("code", .text(attribute.code)),
                ("datatype", .text(attribute.kind.rawValue)),
                ("required", .flag(attribute.isRequired)), ("datatype_description", .text(name(attribute.hints))),
                ("order", .whole(index + 1)), ("description", .text(name(attribute.names, or: attribute.code))),
            ]
            if attribute.kind.isList {
                let values = attribute.values.map { value in
                    Open311Value.object([("key", .text(value.key)), ("name", .text(name(value.names, or: value.key)))])
                }
                members.append(("values", .list(of: "value", values)))
            }
            return Open311Value.object(members)
        }
        return .object([("service_code", .text(code)), ("attributes", .list(of: "attribute", attributes))])
    }
}
