import Foundation
import Mustache
import Settings

/// What a template's file is for.
enum TemplateKind: String, CaseIterable {
    case subject, txt, html, io, chat
}

/// The templates of one language, read from their files, with all that is wrong with them.
///
/// A file `_NAME.KIND` is a partial, which the files of the same kind include as `{{>NAME}}`. Each is parsed once, and
/// escapes as its kind does.
struct TemplateFiles {
    private struct Source {
        let file: String
        let tags: TemplateTags
        let template: MustacheTemplate
        let size: Int
    }

    /// Includes within includes; the parser's and the renderer's recursion is bounded by it.
    private static let maximumDepth = 8
    /// Of a template with all that it includes, in bytes.
    private static let maximumSize = 1 << 20

    let language: String
    private(set) var problems: [TemplateError] = []
    /// Files of partials that no template includes.
    private(set) var unused: [String] = []
    private var templates: [String: [TemplateKind: Source]] = [:]
    private var partials: [TemplateKind: [String: Source]] = [:]

    /// - Parameter files: by name.
    init(_ files: [String: String], language: String) {
        self.language = language
        for (file, text) in files.sorted(by: { $0.key < $1.key }) {
            do throws(TemplateError) {
                let (name, kind, source) = try read(text, file)
                if name.hasPrefix("_") {
                    partials[kind, default: [:]][String(name.dropFirst())] = source
                } else {
                    templates[name, default: [:]][kind] = source
                }
            } catch {
                problems.append(error)
            }
        }
        let isWhole = problems.isEmpty
        for kind in TemplateKind.allCases { checkIncludes(kind) }
        // A partial that could not be read, or that includes itself, says enough.
        if isWhole, problems.isEmpty { checkVariables() }
        unused.sort()
        problems.sort { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) }
    }

    /// By name, then by kind, ready to be rendered.
    var ready: [String: [TemplateKind: CachedTemplate]] {
        let libraries = libraries
        return templates.mapValues { kinds in
            var ready: [TemplateKind: CachedTemplate] = [:]
            for (kind, source) in kinds { ready[kind] = CachedTemplate(source.template, library: libraries[kind]) }
            return ready
        }
    }

    private var libraries: [TemplateKind: MustacheLibrary] {
        partials.mapValues { MustacheLibrary(templates: $0.mapValues(\.template)) }
    }

    private func read(
        _ text: String, _ file: String
    ) throws(TemplateError) -> (name: String, kind: TemplateKind, source: Source) {
        func error(_ line: Int, _ column: Int, _ message: String) -> TemplateError {
            TemplateError(language: language, file: file, line: line, column: column, message: message)
        }
        guard let parts = TemplateNames.parts(ofFile: file), let kind = TemplateKind(rawValue: parts.kind) else {
            throw error(1, 1, "a template is called NAME.subject, NAME.txt, NAME.html, NAME.io or NAME.chat")
        }
        // With Windows line ends sections would not stand alone on their lines.
        let text = PlainText.lines(text).joined(separator: "\n")
        if kind == .subject, PlainText.singleLine(text).isEmpty { throw error(1, 1, "the subject is empty") }
        let tags: TemplateTags
        do throws(TemplateTags.Problem) {
            tags = try TemplateTags(of: text, isHTML: kind == .html)
        } catch { throw TemplateError(language: language, file: file, at: error) }
        do {
            // The parser escapes for HTML unless told otherwise in a first line, which it swallows.
            let pragma = kind == .html ? "" : "{{% CONTENT_TYPE:TEXT}}\n"
            let template = try MustacheTemplate(string: pragma + text)
            return (
                parts.name, kind, Source(file: file, tags: tags, template: template, size: text.utf8.count)
            )
        } catch let failure as MustacheTemplate.ParserError {
            let line = failure.context.lineNumber - (kind == .html ? 0 : 1)
            throw error(max(1, line), max(1, failure.context.columnNumber), "\(failure.error)")
        } catch let failure {
            throw error(1, 1, "\(failure)")
        }
    }

    // MARK: Partials

    private mutating func checkIncludes(_ kind: TemplateKind) {
        let known = partials[kind] ?? [:]
        let roots = templates.values.compactMap { $0[kind] }
        for source in (roots + known.values) {
            for tag in source.tags.tags where tag.role == .partial && known[tag.name] == nil {
                let missing = "there is no partial \(tag.name): write templates/\(language)/_\(tag.name).\(kind)"
                let suggestion = nearest(tag.name, among: known.keys)
                report(source, tag, missing + (suggestion.map { "; did you mean \($0)?" } ?? ""))
            }
        }
        var sizes: [String: Int] = [:]
        for name in known.keys.sorted() { _ = size(of: name, known, [], &sizes) }
        for source in roots {
            let size = source.size + includes(of: source).reduce(0) { min($0 + (sizes[$1.name] ?? 0), 1 << 40) }
            guard size > Self.maximumSize else { continue }
            problems.append(
                TemplateError(
                    language: language, file: source.file, line: 1, column: 1,
                    message: "with all that it includes the template is larger than 1 MiB: simplify it"))
        }
        let used = Set(roots.flatMap { closure(of: $0, known).map(\.file) })
        unused += known.values.map(\.file).filter { !used.contains($0) }
    }

    private func includes(of source: Source) -> [TemplateTags.Tag] { source.tags.tags.filter { $0.role == .partial } }

    /// Of a partial with all that it includes. Reports rings and what is too deep.
    private mutating func size(
        of name: String, _ known: [String: Source], _ path: [String], _ sizes: inout [String: Int]
    ) -> Int {
        if let size = sizes[name] { return size }
        guard let source = known[name] else { return 0 }
        var size = source.size
        let path = path + [name]
        for tag in includes(of: source) {
            if path.contains(tag.name) {
                let ring = path[(path.firstIndex(of: tag.name) ?? 0)...] + [tag.name]
                report(source, tag, "the partial includes itself: \(ring.joined(separator: " > "))")
            } else if path.count >= Self.maximumDepth {
                report(source, tag, "partials are nested more than \(Self.maximumDepth) deep")
            } else {
                size = min(size + self.size(of: tag.name, known, path, &sizes), 1 << 40)
            }
        }
        sizes[name] = size
        return size
    }

    /// The source and all that it includes.
    private func closure(of source: Source, _ known: [String: Source]) -> [Source] {
        var found = [source]
        var names: Set<String> = []
        var next = 0
        while next < found.count {
            for tag in includes(of: found[next]) where names.insert(tag.name).inserted {
                if let partial = known[tag.name] { found.append(partial) }
            }
            next += 1
        }
        return found
    }

    // MARK: Variables

    private mutating func checkVariables() {
        for (name, kinds) in templates.sorted(by: { $0.key < $1.key }) {
            for (kind, source) in kinds.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let allowed = TemplateVariables.of(name, kind: kind.rawValue)
                for one in closure(of: source, partials[kind] ?? [:]) {
                    check(one, allowed, in: one.file == source.file ? nil : source.file)
                }
            }
        }
        for source in partials.values.flatMap(\.values) where unused.contains(source.file) {
            check(source, TemplateVariables.all, in: nil)
        }
    }

    /// - Parameter includer: the template that has no such variable, where it is not the file itself.
    private mutating func check(_ source: Source, _ allowed: Set<String>, in includer: String?) {
        for tag in source.tags.tags where tag.role != .partial && !allowed.contains(tag.name) {
            guard TemplateVariables.all.contains(tag.name) else {
                let suggestion = nearest(tag.name, among: allowed)
                let name = tag.name.isEmpty ? "without a name" : tag.name
                report(source, tag, "there is no variable \(name)" + (suggestion.map { "; did you mean \($0)?" } ?? ""))
                continue
            }
            let place = includer.map { "\($0), which includes this" } ?? source.file
            report(source, tag, "there is never a \(tag.name) in \(place): remove it")
        }
    }

    private mutating func report(_ source: Source, _ tag: TemplateTags.Tag, _ message: String) {
        // What many templates include is told once.
        let isTold = problems.contains { ($0.file, $0.line, $0.column) == (source.file, tag.line, tag.column) }
        guard !isTold else { return }
        problems.append(
            TemplateError(
                language: language, file: source.file, line: tag.line, column: tag.column, message: message))
    }
}

extension TemplateError {
    fileprivate init(language: String, file: String, at problem: TemplateTags.Problem) {
        self.init(
            language: language, file: file, line: problem.line, column: problem.column, message: problem.message)
    }
}
