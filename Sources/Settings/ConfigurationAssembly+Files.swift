import Civic
import Crypto
import Foundation
import Rules
import Synchronization

/// Reading the files, each of which counts for the configuration's hash.
extension ConfigurationAssembly {
    func place(_ name: String) -> SourcePlace { SourcePlace(file: "\(base)/\(name)", line: 1, column: 1) }

    func bytes(_ name: String, required: Bool, limit: Int) -> Data? {
        let path = "\(base)/\(name)"
        switch FileKind(path) {
        case nil:
            if required { reader.error("the file is missing", at: place(name)) }
            return nil
        case .directory, .other:
            reader.error("this is not a regular file: remove it", at: place(name))
            return nil
        // Before it is read: a file may be larger than memory.
        case .file(let size) where size > limit:
            reader.error("the file is larger than \(limit >> 20) MiB: split it, or simplify it", at: place(name))
            return nil
        case .file: break
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            reader.error("the file cannot be read: check its permissions", at: place(name))
            return nil
        }
        digest(name, data)
        return data
    }

    /// The shadow's rules count under the names that they will have.
    private func digest(_ name: String, _ data: Data) {
        if let shadowDirectory, name.hasPrefix(shadowDirectory + "/") {
            shadowHash.add("rules" + name.dropFirst(shadowDirectory.count), data)
        } else {
            hash.add(name, data)
            if !name.hasPrefix("rules/") { shadowHash.add(name, data) }
        }
    }

    func yaml(_ name: String, required: Bool) -> YAMLFile? {
        bytes(name, required: required, limit: YAMLFile.limit).flatMap { YAMLFile("\(base)/\(name)", $0, reader) }
    }

    /// The names of a directory's files, in order of their bytes.
    func names(in directory: String, suffix: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "\(base)/\(directory)")) ?? []
        return all.filter { !$0.hasPrefix(".") && $0.hasSuffix(suffix) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    /// Of rule files, in bytes: so much is held at a time.
    private static let mostAtOnce = 64 << 20

    func rules(in directory: String, zone: Zone) -> [RuleDefinition] {
        var rules: [RuleDefinition] = []
        var files: [(name: String, bytes: Data)] = []
        var size = 0
        for name in names(in: directory, suffix: ".yaml").map({ "\(directory)/\($0)" }) {
            guard let bytes = bytes(name, required: true, limit: YAMLFile.limit) else { continue }
            files.append(("\(base)/\(name)", bytes))
            size += bytes.count
            guard size >= Self.mostAtOnce else { continue }
            rules += self.rules(of: files, zone: zone)
            (files, size) = ([], 0)
        }
        let last = self.rules(of: files, zone: zone)
        // Nearly always all there are: not copied.
        if rules.isEmpty { rules = last } else { rules += last }
        if rules.isEmpty {
            reader.warn("there are no rules: everything goes to the last resort", at: place(directory))
        }
        return rules
    }

    /// Rule files are most of what there is to read, and know nothing of one another: each core reads some.
    private func rules(of files: [(name: String, bytes: Data)], zone: Zone) -> [RuleDefinition] {
        let (environment, secrets) = (reader.environment, reader.secrets)
        let read = Mutex([Int: (rules: [RuleDefinition], findings: [Finding])]())
        DeepThreads.perform(files.count) { number in
            let reader = Reader(environment: environment, secrets: secrets)
            let file = YAMLFile(files[number].name, files[number].bytes, reader, isDeep: true)
            let rules = file.map { RulesFile($0, reader, zone: zone).rules } ?? []
            read.withLock { $0[number] = (rules, reader.findings) }
        }
        let inOrder = read.withLock { all in files.indices.compactMap { all[$0] } }
        reader.add(inOrder.flatMap(\.findings))
        return inOrder.flatMap(\.rules)
    }

    func readAreas(language: String) -> ([Area], String?) {
        var areas: [Area] = []
        let files = names(in: "areas", suffix: ".geojson")
        for name in files {
            guard let data = bytes("areas/\(name)", required: true, limit: AreaFile.limit) else { continue }
            for area in AreaFile(name: "\(base)/areas/\(name)", bytes: data, reader, language: language).areas {
                if areas.contains(where: { $0.code == area.code }) {
                    reader.error("there is an area \(area.code) already, in another file", at: place("areas/\(name)"))
                } else {
                    areas.append(area)
                    areaPlaces[area.code] = place("areas/\(name)")
                }
            }
        }
        return (areas, files.count == 1 ? files[0] : nil)
    }

    func readTemplates() -> [String: [String: String]] {
        var templates: [String: [String: String]] = [:]
        for language in names(in: "templates", suffix: "") {
            for name in names(in: "templates/\(language)", suffix: "") {
                let path = "templates/\(language)/\(name)"
                guard let data = bytes(path, required: true, limit: 1 << 20) else { continue }
                guard let text = String(validating: data, as: UTF8.self) else {
                    reader.error("the template is not UTF-8: save it as UTF-8", at: place(path))
                    continue
                }
                templates[language, default: [:]][name] = text
            }
        }
        return templates
    }
}

extension SHA256 {
    fileprivate mutating func add(_ name: String, _ data: Data) {
        update(data: Data("\(name)\u{0}\(data.count)\u{0}".utf8))
        update(data: data)
    }

    var shortened: String { finalize().prefix(6).map { String(format: "%02x", $0) }.joined() }
}
