import Civic
import Foundation

@testable import Attachments
@testable import Delivery
@testable import Intake
@testable import Transfer

// Small texts with a grammar: codes, addresses, numbers, times, names of files.
extension FuzzTarget {
    static let names = [
        FuzzTarget("codes", "ticket codes, fiscal codes, e-mail addresses, telephone numbers, times", length: 256) {
            bytes in
            let text = bytes.text
            if let code = TicketCode(parsing: text, prefix: "BG") {
                try must(TicketCode(parsing: code.text, prefix: "BG") == code, "a ticket code that is another")
            }
            if let code = FiscalCode(text) {
                try must(FiscalCode(code.text) == code, "a fiscal code that is another")
                try must(code.text.utf8.count == 16 || code.text.utf8.count == 11, "a fiscal code of another length")
            }
            if let address = EmailAddress(text) {
                try must(EmailAddress(address.text) == address, "an address that is another")
                try must(!address.text.utf8.contains { $0 <= 0x20 || $0 == 0x7F }, "an address with a space")
            }
            if let number = PhoneNumber(text) {
                try must(PhoneNumber(number.text) == number, "a telephone number that is another")
            }
            if let time = Timestamp(rfc3339: text), (0..<4_000_000_000).contains(time.seconds) {
                try must(Timestamp(rfc3339: time.rfc3339) == time, "a time that is another")
            }
            if let day = CivilDate(text) { try must(CivilDate(day.description) == day, "a day that is another") }
            if let id = Identifier(text) { try must(Identifier(id.description) == id, "an identifier that is another") }
            _ = (ForeignTime.read(text, zone: .utc), HTTPDate.parse(text), WebAddress(text))
            _ = (PaymentNotice.amount(euros: text), PaymentNotice(amount: 1, noticeNumber: text))
            if let name = MailboxName.decode(bytes) {
                try must(MailboxName.decode(MailboxName.encode(name).utf8) == name, "a folder that is another")
            }
            try must(MailboxName.decode(MailboxName.encode(text).utf8) == text, "a folder's name that is another")
        },
        FuzzTarget("file-names", "names of attached files", length: 1024) { bytes in
            for type in [nil, "image/jpeg", "application/x-msdownload"] {
                let name = SafeName.make(bytes.text, type: type)
                try must(
                    !name.isEmpty && name.utf8.count <= 255 && name != "." && name != "..",
                    "a name that is none: \(name)")
                try must(
                    !name.unicodeScalars.contains { $0.value < 0x20 || $0 == "/" || $0 == "\\" || $0 == "\u{7F}" },
                    "a name with a path or a control character")
                try must(SafeName.make(name, type: type) == name, "a safe name is made another")
            }
            try must(!SafeName.path(bytes.text).unicodeScalars.contains { $0.value < 0x20 }, "a control character")
        },
    ]
}
