import Foundation
import Rules

/// Whether secrets must be there: for serving, or not, for checking offline.
public enum SecretSource: Sendable {
    case required, optional
}

extension Reader {
    /// Replaces `${env:NAME}` and `${env:NAME:-else}` in a text that is no secret.
    /// - Returns: nil if something in it is wrong or not set, which is then a finding.
    func expand(_ text: String, at place: SourcePlace) -> String? {
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                error("${ without a closing }", at: place)
                return nil
            }
            guard let value = variable(String(rest[start.upperBound..<end]), at: place) else { return nil }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func variable(_ inner: String, at place: SourcePlace) -> String? {
        guard inner.hasPrefix("env:") else {
            error("expected ${env:NAME} or ${env:NAME:-else}, found ${\(inner)}", at: place)
            return nil
        }
        let name = inner.dropFirst(4)
        if let range = name.range(of: ":-") {
            let value = environment[String(name[..<range.lowerBound])] ?? ""
            return value.isEmpty ? String(name[range.upperBound...]) : value
        }
        if let value = environment[String(name)] { return value }
        error("the environment variable \(name) is not set: set it, or give an else, ${env:\(name):-…}", at: place)
        return nil
    }

    /// Reads a secret from where the configuration says it is.
    func secret(_ text: String, name: String, at place: SourcePlace) -> Secret? {
        guard text.hasPrefix("${"), text.hasSuffix("}"), let colon = text.firstIndex(of: ":") else {
            error(
                "\(name) holds a secret in plain sight: write ${env:NAME}, ${file:PATH} or ${credential:NAME}, and keep the "
                    + "secret there", at: place)
            return nil
        }
        let kind = text[text.index(text.startIndex, offsetBy: 2)..<colon]
        let target = String(text[text.index(after: colon)...].dropLast())
        switch kind {
        case "env":
            guard let value = environment[target], !value.isEmpty else {
                missing("\(name): the environment variable \(target) is not set", at: place)
                return placeholder
            }
            return Secret(value)
        case "file": return file(target, name: name, at: place)
        case "credential":
            guard let directory = environment["CREDENTIALS_DIRECTORY"] else {
                missing(
                    "\(name): there are no credentials ($CREDENTIALS_DIRECTORY is not set; see LoadCredential=)",
                    at: place)
                return placeholder
            }
            guard !target.contains("/") else {
                error("\(name): a credential's name has no slash", at: place)
                return nil
            }
            // Where the unit loads a whole directory, systemd puts the unit's word before each name (LoadCredential= in
            // systemd.exec(5)).
            let own = "\(directory)/pasquino_\(target)"
            return file(FileKind(own) == nil ? "\(directory)/\(target)" : own, name: name, at: place)
        default:
            error("\(name): expected ${env:NAME}, ${file:PATH} or ${credential:NAME}, found ${\(kind):…}", at: place)
            return nil
        }
    }

    private func file(_ path: String, name: String, at place: SourcePlace) -> Secret? {
        guard case .file(let size)? = FileKind(path), size <= 65_536,
            let data = FileManager.default.contents(atPath: path)
        else {
            missing("\(name): the file \(path) cannot be read", at: place)
            return placeholder
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            missing("\(name): the file \(path) is empty", at: place)
            return placeholder
        }
        return Secret(text)
    }

    /// Checking needs no secrets; serving does.
    private func missing(_ message: String, at place: SourcePlace) {
        switch secrets {
        case .required: error(message, at: place)
        case .optional: warn(message, at: place)
        }
    }

    /// What stands for a secret that is not there, so that the rest can be checked. Serving never sees it.
    private var placeholder: Secret? { secrets == .optional ? Secret("") : nil }
}
