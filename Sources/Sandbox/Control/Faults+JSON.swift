extension AppIOFaults {
    /// Applies the `io` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "io") {
            switch name {
            case "mode": mode = try Control.mode(value, "io.mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "io.delay_ms")
            case "rotate": rotations = try Control.flag(value, "io.rotate") ? rotations + 1 : 0
            case "rate_limit":
                rateLimit = value == .null ? nil : try Control.integer(value, 0...1_000_000, "io.rate_limit")
            case "without_app": withoutApp = Set(try Control.strings(value, "io.without_app"))
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "io.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "io.status")
            case "max_payment_amount": maximumPayment = try Control.integer(value, 0...9_999_999_999, "io.\(name)")
            default: throw ControlError(detail: "io.\(name) is not known")
            }
        }
    }

    func json(primary: String, secondary: String) -> JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay),
            "rate_limit": rateLimit.map { JSONValue($0) } ?? .null,
            "without_app": .array(withoutApp.sorted().map { .string($0) }),
            "fail_next": JSONValue(failNext), "status": JSONValue(failStatus),
            "max_payment_amount": JSONValue(maximumPayment), "rotations": JSONValue(rotations),
            "keys": ["primary": .string(primary), "secondary": .string(secondary)],
        ]
    }
}

extension MailFaults {
    /// Applies the `smtp` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "smtp") {
            switch name {
            case "mode": mode = try Control.mode(value, "smtp.mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "smtp.delay_ms")
            case "addresses": addresses = Set(try Control.strings(value, "smtp.addresses").map { $0.lowercased() })
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "smtp.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "smtp.status")
            case "rate_limit":
                rateLimit = value == .null ? nil : try Control.integer(value, 0...1_000_000, "smtp.rate_limit")
            default: throw ControlError(detail: "smtp.\(name) is not known")
            }
        }
    }

    var json: JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay),
            "addresses": .array(addresses.sorted().map { .string($0) }),
            "fail_next": JSONValue(failNext), "status": JSONValue(failStatus),
            "rate_limit": rateLimit.map { JSONValue($0) } ?? .null,
        ]
    }
}

extension ChatFaults {
    /// Applies the `chat` member of a control request.
    mutating func apply(_ request: JSONValue) throws(ControlError) {
        for (name, value) in try Control.members(request, "chat") {
            switch name {
            case "mode": mode = try Control.mode(value, "chat.mode")
            case "delay_ms": delay = try Control.integer(value, 0...600_000, "chat.delay_ms")
            case "fail_next": failNext = try Control.integer(value, 0...1_000_000, "chat.fail_next")
            case "status": failStatus = try Control.integer(value, 400...599, "chat.status")
            default: throw ControlError(detail: "chat.\(name) is not known")
            }
        }
    }

    func json(token: String) -> JSONValue {
        [
            "mode": .string(mode.rawValue), "delay_ms": JSONValue(delay), "fail_next": JSONValue(failNext),
            "status": JSONValue(failStatus), "token": .string(token),
        ]
    }
}

/// Reads values of a control request, with the name of what is wrong.
private enum Control {
    static func members(_ value: JSONValue, _ name: String) throws(ControlError) -> [String: JSONValue] {
        guard let members = value.object else { throw ControlError(detail: "\(name) must be an object") }
        return members
    }

    static func mode<Mode: RawRepresentable & CaseIterable>(
        _ value: JSONValue, _ name: String
    ) throws(ControlError) -> Mode where Mode.RawValue == String {
        guard let mode = value.string.flatMap(Mode.init(rawValue:)) else {
            let known = Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError(detail: "\(name) must be one of \(known)")
        }
        return mode
    }

    static func integer(_ value: JSONValue, _ range: ClosedRange<Int>, _ name: String) throws(ControlError) -> Int {
        guard let number = value.integer, range.contains(number) else {
            throw ControlError(detail: "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func flag(_ value: JSONValue, _ name: String) throws(ControlError) -> Bool {
        guard let flag = value.bool else { throw ControlError(detail: "\(name) must be true or false") }
        return flag
    }

    static func strings(_ value: JSONValue, _ name: String) throws(ControlError) -> [String] {
        guard let values = value.array else { throw ControlError(detail: "\(name) must be a list of strings") }
        var strings: [String] = []
        for element in values {
            guard let string = element.string else { throw ControlError(detail: "\(name) must be a list of strings") }
            strings.append(string)
        }
        return strings
    }
}
