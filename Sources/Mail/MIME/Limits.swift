/// What one mail may ask for. Beyond a limit the mail is read as if it ended there, and a defect says so.
enum Limits {
    /// Multiparts and attached messages within one another.
    static let depth = 40
    static let parts = 1_000
    /// Fields of one header.
    static let fields = 2_000
    /// Bytes of one field that are looked at.
    static let field = 64 << 10
    /// Bytes of a field with parameters: GMime's time grows with their square.
    static let parameters = 4 << 10
    /// Encoded words that are decoded in one mail, in bytes.
    static let words = 1 << 20
    /// Bytes of the text, as UTF-8.
    static let text = 1 << 20
    /// Bytes of HTML that are read, and that are left of them without pictures in tags.
    static let markup = 16 << 20
    static let markupRead = 2 << 20
    /// Lines that are looked at one by one for quotations.
    static let lines = 50_000
    /// HTML elements within one another.
    static let markupDepth = 400
    /// Addresses of one field.
    static let addresses = 1_000
    /// Mails within mails that are opened to read what this one is: encoded messages, envelopes, reports.
    static let opened = 4
}
