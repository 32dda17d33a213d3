import Civic
import Foundation
import Rules

/// `areas/*.geojson` (RFC 7946), read.
struct AreaFile {
    /// Bytes. Every comune of Italy in one file is smaller.
    static let limit = 64 << 20

    var areas: [Area] = []

    private struct Collection: Decodable {
        let type: String
        let features: [Feature]
    }
    private struct Feature: Decodable {
        struct Properties: Decodable {
            let code: String?
            let name: Name?
            let aliases: [String]?
        }
        let properties: Properties?
        let geometry: Geometry?
    }
    /// A name, or names by language.
    private enum Name: Decodable {
        case one(String)
        case many([String: String])
        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .one(text)
            } else {
                self = .many(try value.decode([String: String].self))
            }
        }
    }

    /// What is wrong, and with which value.
    private typealias Mistake = (path: [JSONPlaces.Step], message: String)

    init(name: String, bytes: Data, _ reader: Reader, language: String) {
        let places = JSONPlaces(file: name, bytes: bytes)
        do {
            let mistakes = read(try JSONDecoder().decode(Collection.self, from: bytes), language: language)
            guard !mistakes.isEmpty else { return }
            let found = places.places(of: Set(mistakes.map(\.path)))
            for mistake in mistakes {
                if let place = found[mistake.path] { reader.error(mistake.message, at: place) }
            }
        } catch {
            let place = AreaFile.path(error).flatMap { places.places(of: [$0])[$0] } ?? places.mistake
            reader.error("not GeoJSON: \(AreaFile.reason(error))", at: place)
        }
    }

    private mutating func read(_ collection: Collection, language: String) -> [Mistake] {
        guard collection.type == "FeatureCollection" else {
            return [([.key("type")], "expected a FeatureCollection, found \(collection.type)")]
        }
        var mistakes: [Mistake] = []
        for (index, feature) in collection.features.enumerated() {
            let number = "feature \(index + 1)"
            let place: [JSONPlaces.Step] = [.key("features"), .index(index)]
            let codePlace = place + [.key("properties"), .key("code")]
            guard let code = feature.properties?.code else {
                mistakes.append((codePlace, "\(number) has no property code: add one"))
                continue
            }
            if !isCode(code) { mistakes.append((codePlace, "\(number): " + badCode("code", code))) }
            if Area.reserved.contains(code) {
                mistakes.append((codePlace, "\(number): an area cannot be called \(code), which rules use otherwise"))
            }
            if areas.contains(where: { $0.code == code }) {
                mistakes.append((codePlace, "\(number): there is an area \(code) already: codes are unique"))
                continue
            }
            let polygons: [Area.Polygon]
            do {
                polygons = try feature.geometry?.polygons() ?? []
            } catch {
                mistakes.append((place + [.key("geometry")], "\(number) (\(code)): \(error)"))
                continue
            }
            if polygons.isEmpty {
                mistakes.append((place + [.key("geometry")], "\(number) (\(code)) has no outline"))
            }
            let names: [String: String] =
                switch feature.properties?.name {
                case .one(let name): [language: name]
                case .many(let names): names
                case nil: [language: code]
                }
            areas.append(
                Area(code: code, names: names, aliases: feature.properties?.aliases ?? [], polygons: polygons))
        }
        return mistakes
    }

    /// The path to the value that the decoder did not like; nil if the file is not JSON at all.
    private static func path(_ error: any Error) -> [JSONPlaces.Step]? {
        let context: DecodingError.Context
        switch error {
        case DecodingError.keyNotFound(_, let found), DecodingError.typeMismatch(_, let found),
            DecodingError.valueNotFound(_, let found):
            context = found
        case DecodingError.dataCorrupted(let found) where !found.codingPath.isEmpty: context = found
        default: return nil
        }
        return context.codingPath.map { $0.intValue.map(JSONPlaces.Step.index) ?? .key($0.stringValue) }
    }

    static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "\(path(context)) lacks \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(path(context)) has a wrong type"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(path(context)) cannot be read"
        default: "the file cannot be read as JSON"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? "the file" : path
    }
}

/// A GeoJSON Polygon or MultiPolygon; positions are longitude first (RFC 7946, 3.1.1).
struct Geometry: Decodable {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private let type: String
    private let polygon: [[[Double]]]?
    private let multi: [[[[Double]]]]?

    private enum CodingKeys: CodingKey {
        case type, coordinates
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        polygon = type == "Polygon" ? try container.decode([[[Double]]].self, forKey: .coordinates) : nil
        multi = type == "MultiPolygon" ? try container.decode([[[[Double]]]].self, forKey: .coordinates) : nil
    }

    /// - Throws: `Problem`.
    func polygons() throws -> [Area.Polygon] {
        guard let all = multi ?? polygon.map({ [$0] }) else {
            throw Problem(description: "expected a Polygon or MultiPolygon, found \(type)")
        }
        return try all.map { rings in
            guard let outer = rings.first else { throw Problem(description: "a polygon without a ring") }
            return Area.Polygon(outer: try ring(outer), holes: try rings.dropFirst().map(ring))
        }
    }

    private func ring(_ positions: [[Double]]) throws -> Area.Ring {
        guard positions.count >= 4 else { throw Problem(description: "a ring needs at least four points") }
        return try positions.map { position in
            guard position.count >= 2 else { throw Problem(description: "a position needs longitude and latitude") }
            guard (-180...180).contains(position[0]), (-90...90).contains(position[1]) else {
                throw Problem(
                    description: "a position lies beyond the Earth: longitude comes first, in degrees (WGS84)")
            }
            return GeoPoint(latitude: position[1], longitude: position[0])
        }
    }
}
