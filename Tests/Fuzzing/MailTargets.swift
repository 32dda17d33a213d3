import Civic
import Foundation

@testable import Intake
@testable import Mail

// E-mail and certified mail.
extension FuzzTarget {
    static let mail = [letter, certificate, html]

    private static let letter = FuzzTarget("mail", "e-mail, certified envelopes and receipts", length: 16384) { bytes in
        let mail = MailReader().read(bytes)
        try must(MailReader().read(bytes).text == mail.text, "the same mail says something else")
        let channel = try FuzzCity.channel("posta")
        let letter = Letter(mail, raw: bytes, certified: true, own: [], prefix: "BG", instance: nil)
        let message = letter.message(
            channel: channel, limits: try FuzzCity.configuration.get().limits, now: FuzzCity.now)
        try must(!(message.text + (message.subject ?? "")).utf8.contains(0), "U+0000, which PostgreSQL does not take")
    }

    private static let certificate = FuzzTarget("certificate", "daticert.xml of certified mail") { bytes in
        guard let data = CertificateReader.read(bytes[...]) else { return }
        try must(!data.type.isEmpty, "a certificate of no type")
    }

    private static let html = FuzzTarget("html", "HTML of mail and posts") { bytes in
        var defects: Set<String> = []
        _ = HTMLText.read(bytes.text, defects: &defects)
        _ = PostText.read(bytes.text)
    }
}
