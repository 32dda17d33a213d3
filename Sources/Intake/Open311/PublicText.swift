import Civic
import Foundation

/// A citizen's words for everybody's eyes: without what names or reaches a person, as far as a program can tell.
///
/// E-mail addresses, telephone and card numbers, fiscal codes. A name in a sentence stays: who publishes texts must know
/// that. Time grows with the text's length and nothing else.
enum PublicText {
    static let gap = "[…]"

    static func cleaned(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var reading = PlainReading(scalars)
        reading.takeAddresses()
        reading.takeCodes()
        reading.takeNumbers()
        guard !reading.hidden.isEmpty else { return text }
        var out = String.UnicodeScalarView()
        var next = 0
        for range in reading.hidden.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Two that touch or overlap are one gap.
            if range.lowerBound > next || next == 0 {
                out.append(contentsOf: scalars[next..<range.lowerBound])
                out.append(contentsOf: gap.unicodeScalars)
            }
            next = max(next, range.upperBound)
            // What clings to a letter goes with it.
            while next < scalars.count, PlainReading.clings(scalars[next]) { next += 1 }
        }
        out.append(contentsOf: scalars[next...])
        return String(out)
    }
}
