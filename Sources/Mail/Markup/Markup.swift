import CMail

/// Elements, attributes and text in their order, as libxml2 finds them.
protocol MarkupHandler: AnyObject {
    func start(_ name: String, _ attributes: [String: String])
    func end(_ name: String)
    func text(_ text: String)
}

enum Markup {
    /// False if elements are nested too deep: what followed was not read.
    static func readHTML(_ bytes: [UInt8], into handler: some MarkupHandler) -> Bool {
        read(bytes, into: handler) { cmail_read_html($0, $1, Int32(Limits.markupDepth), $2) }
    }

    /// Without DTD, entities of its own and network. False if it is not well formed: what stood before was read.
    static func readXML(_ bytes: [UInt8], into handler: some MarkupHandler) -> Bool {
        read(bytes, into: handler) { cmail_read_xml($0, $1, Int32(Limits.markupDepth), $2) }
    }

    /// Calls cross C as an object of one known class.
    private final class Bridge {
        let handler: any MarkupHandler
        init(_ handler: any MarkupHandler) { self.handler = handler }
        static func of(_ context: UnsafeMutableRawPointer?) -> any MarkupHandler {
            Unmanaged<Bridge>.fromOpaque(context!).takeUnretainedValue().handler
        }
    }

    private static func read(
        _ bytes: [UInt8], into handler: some MarkupHandler,
        _ parse: (UnsafePointer<UInt8>?, Int, UnsafePointer<cmail_markup>) -> Int32
    ) -> Bool {
        let bridge = Bridge(handler)
        return withExtendedLifetime(bridge) {
            var callbacks = cmail_markup(
                context: Unmanaged.passUnretained(bridge).toOpaque(),
                start: { context, name, attributes in
                    var values: [String: String] = [:]
                    if var at = attributes {
                        while let key = at[0] {
                            values[String(cString: key).lowercased()] = at[1].map { String(cString: $0) } ?? ""
                            at += 2
                        }
                    }
                    Bridge.of(context).start(String(cString: name!), values)
                },
                end: { Bridge.of($0).end(String(cString: $1!)) },
                text: { context, bytes, count in
                    bytes!.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                        Bridge.of(context).text(
                            String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self))
                    }
                })
            return bytes.withUnsafeBufferPointer { parse($0.baseAddress, $0.count, &callbacks) != 0 }
        }
    }
}
