import Testing

@testable import Intake

@Suite("The body of a form") struct FormBodyTests {
    static let multipart = "multipart/form-data; boundary=xyz"

    /// `\n` stands for the line end of the wire.
    private func form(_ text: String, _ type: String = multipart) throws -> FormBody {
        try FormBody(Array(text.replacing("\n", with: "\r\n").utf8), type: type)
    }

    private func refusal(_ text: String, _ type: String = multipart) throws -> Problem {
        try problem { () throws(Problem) in try FormBody(Array(text.utf8), type: type) }
    }

    private func part(_ disposition: String, _ content: String = "a", more: String = "") -> String {
        "--xyz\nContent-Disposition: form-data; \(disposition)\n\(more)\n\(content)\n--xyz--\n"
    }

    // MARK: - Urlencoded

    @Test(
        "Pairs in their order, with `+` for a space and %XX for bytes",
        arguments: [
            ("", []), ("&&", []), ("a=1", ["a", "1"]), ("a", ["a", ""]), ("a=", ["a", ""]), ("=1", ["", "1"]),
            ("a=1&a=2", ["a", "1", "a", "2"]), ("a=b=c", ["a", "b=c"]), ("a+b=c+d%2B", ["a b", "c d+"]),
            ("citt%C3%A0=Pi%c3%b9", ["città", "Più"]), ("a=%F0%9F%98%80", ["a", "😀"]), ("città=è", ["città", "è"]),
            ("a=100%&b=%4&c=%zz", ["a", "100%", "b", "%4", "c", "%zz"]), ("a=%", ["a", "%"]), ("a=%00", ["a", "\0"]),
            ("a%3Db=%26", ["a=b", "&"]), ("a=1;b=2", ["a", "1;b=2"]), ("a=1\r\n", ["a", "1\r\n"]),
        ] as [(String, [String])])
    func pairs(_ text: String, _ expected: [String]) throws {
        let form = try FormBody(Array(text.utf8), type: "application/x-www-form-urlencoded")
        #expect(form.fields.flatMap { [$0.name, $0.value] } == expected)
        #expect(form.files.isEmpty)
        #expect(try FormBody(urlencoded: text) == form)
    }

    @Test("The first of a name's values is the name's")
    func first() throws {
        let form = try FormBody(urlencoded: "a=1&a=2&b=")
        #expect(form["a"] == "1" && form["b"] == "" && form["c"] == nil)
    }

    @Test("What is not UTF-8 is refused", arguments: ["a=%E8", "%FF=1", "a=%C0%AF", "a=%ED%A0%80", "a=%C3&b=%A8"])
    func notUTF8(_ text: String) throws {
        let problem = try refusal(text, "application/x-www-form-urlencoded")
        #expect(problem.status.code == 400 && problem.detail.contains("UTF-8"))
    }

    @Test("A thousand fields, and not one more")
    func most() throws {
        let pairs = Array(repeating: "a=1", count: 1000).joined(separator: "&")
        #expect(try FormBody(urlencoded: pairs).fields.count == 1000)
        #expect(try refusal(pairs + "&a=1", "application/x-www-form-urlencoded").detail.contains("1000"))
        let part = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
        let parts = String(repeating: part, count: 1000)
        #expect(try FormBody(Array((parts + "--xyz--").utf8), type: FormBodyTests.multipart).fields.count == 1000)
        #expect(try refusal(parts + part + "--xyz--").detail.contains("1000"))
        // Those that nobody chose count too.
        let empty = "--xyz\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\"\r\n\r\n\r\n"
        #expect(try refusal(String(repeating: empty, count: 1001) + "--xyz--").detail.contains("1000"))
    }

    // MARK: - The type

    @Test(
        "Which types are forms",
        arguments: [
            ("application/x-www-form-urlencoded", true), ("Application/X-WWW-Form-Urlencoded; charset=utf-8", true),
            ("multipart/form-data; boundary=x", true), (" multipart/form-data ;boundary=x", true),
            ("multipart/mixed; boundary=x", false), ("application/json", false), ("", false), (nil, false),
        ] as [(String?, Bool)])
    func types(_ type: String?, _ isForm: Bool) throws {
        #expect(FormBody.isForm(type) == isForm)
        if !isForm {
            #expect(try problem { () throws(Problem) in try FormBody([], type: type) }.status.code == 415)
        }
    }

    @Test(
        "A boundary has 1 to 70 bytes",
        arguments: [
            "", "; boundary=", "; boundary=\"\"", "; boundary", "; boundary=" + String(repeating: "x", count: 71),
            "; boundary=\"" + String(repeating: "è", count: 40) + "\"",
        ])
    func boundary(_ parameter: String) throws {
        let problem = try refusal("--xyz--", "multipart/form-data" + parameter)
        #expect(problem.status.code == 400 && problem.detail.contains("boundary"))
    }

    @Test("A boundary may be quoted, and anything may stand beside it")
    func quotedBoundary() throws {
        let text = "--a:b c\nContent-Disposition: form-data; name=a\n\n1\n--a:b c--"
        #expect(try form(text, #"multipart/form-data; charset=utf-8; BOUNDARY="a:b c"; x=y"#)["a"] == "1")
    }

    // MARK: - Parts

    @Test("Fields and files in their order; a name may come twice")
    func parts() throws {
        let form = try form(
            """
            preamble
            --xyz
            Content-Disposition: form-data; name="text"

            Una buca
            in via Roma
            --xyz
            content-disposition: form-data;name=photo;filename=a.jpg
            Content-Type: image/jpeg

            \u{1}--xyz
            --xyz  \t
            Content-Disposition: form-data; name="text"
            Content-Type: text/plain; charset=utf-8

            Più
            --xyz
            Content-Disposition: form-data; name="empty"

            --xyz
            Content-Disposition: form-data; name="bare"
            --xyz--
            epilogue --xyz
            """)
        #expect(form.fields.map(\.name) == ["text", "text", "empty", "bare"])
        #expect(form.fields.map(\.value) == ["Una buca\r\nin via Roma", "Più", "", ""])
        // A delimiter within a line is none.
        #expect(
            form.files == [
                FormBody.File(field: "photo", name: "a.jpg", type: "image/jpeg", content: Array("\u{1}--xyz".utf8))
            ])
    }

    @Test("Bytes of a file stay as they are; without a type it is octets")
    func bytes() throws {
        let content = (0...255).map { UInt8($0) } + [0x0D, 0x0A, 0x0D, 0x0A, 0x0D]
        let head = "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n"
        let form = try FormBody(
            Array(head.utf8) + content + Array("\r\n--xyz--\r\n".utf8), type: FormBodyTests.multipart)
        #expect(form.files == [.init(field: "f", name: "a", type: "application/octet-stream", content: content)])
    }

    @Test("Lines may end with LF alone; a CR of the content stays")
    func bareLF() throws {
        let text = "--xyz\nContent-Disposition: form-data; name=\"a\"\n\n1\r\r\n2\n--xyz--\n"
        #expect(try FormBody(Array(text.utf8), type: FormBodyTests.multipart)["a"] == "1\r\r\n2")
        let empty = "--xyz\nContent-Disposition: form-data; name=\"a\"\n\n\n--xyz--"
        #expect(try FormBody(Array(empty.utf8), type: FormBodyTests.multipart)["a"] == "")
    }

    @Test("A form without parts is empty")
    func noParts() throws { #expect(try form("--xyz--") == FormBody(urlencoded: "")) }

    @Test("A file that nobody chose is none; one without a name, or without content, is one")
    func emptyFiles() throws {
        #expect(try form(part(#"name="f"; filename="""#, "")).files.isEmpty)
        #expect(try form(part(#"name="f"; filename="""#, "x")).files.map(\.name) == [""])
        #expect(try form(part(#"name="f"; filename="a.txt""#, "")).files.map(\.content) == [[]])
    }

    @Test(
        "Names of fields and files",
        arguments: [
            (#"name="città"; filename="perché no.jpg""#, "città", "perché no.jpg"),
            // What is written decomposed, and what begins with an accent of its own.
            ("name=\"a\"; filename=\"perche\u{301}.jpg\"", "a", "perche\u{301}.jpg"),
            ("name=\"\u{301}a\"; filename=\"\u{301}b\u{301}\"", "\u{301}a", "\u{301}b\u{301}"),
            (#"name="a; b=c"; filename="x;y=z.pdf""#, "a; b=c", "x;y=z.pdf"),
            (#"name="a"; filename="say %22hi%22.txt""#, "a", #"say "hi".txt"#),
            (#"name="a"; filename="say \"hi\".txt""#, "a", #"say "hi".txt"#),
            (#"name="a"; filename="C:\doc\a.txt""#, "a", #"C:\doc\a.txt"#),
            (#"name="a%0D%0Ab"; filename="x""#, "a\nb", "x"),
            (#"filename="x"; NAME = "a""#, "a", "x"), ("name=a ;filename= x ", "a", "x"),
            (#"name="a"; name="b"; filename="x"; filename="y""#, "a", "x"),
            (#"name="a"; filename="_.pdf"; filename*=UTF-8''citt%C3%A0.pdf"#, "a", "città.pdf"),
            (#"name="a"; filename*=utf-8'it'l'aquila%20'09.pdf"#, "a", "l'aquila '09.pdf"),
            (#"name="a"; filename="x"; filename*=iso-8859-1''%E8"#, "a", "x"),
            (#"name="a"; filename="x"; filename*=UTF-8''%E8"#, "a", "x"),
            (#"name="a"; filename="x"; filename*=nothing"#, "a", "x"),
            (#"name="a"; filename="not closed"#, "a", "not closed"), (#";;; x; name="a"; filename=x"#, "a", "x"),
            ("name=\"\"; filename=x", "", "x"),
        ])
    func names(_ disposition: String, _ field: String, _ file: String) throws {
        let files = try form(part(disposition)).files
        #expect(files.map(\.field) == [field])
        #expect(files.map(\.name) == [file])
        #expect(files.map { Array($0.name.utf8) } == [Array(file.utf8)])
    }

    @Test(
        "A form that breaks its grammar is refused",
        arguments: [
            ("", "does not occur"), ("a=1", "does not occur"), ("x--xyz--", "does not occur"),
            ("--xyz", "ends within"), ("--xyz\r\n", "ends within"), ("--xyz-", "ends within"),
            ("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n1", "ends within"),
            ("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--xy--", "ends within"),
            ("--xyzabc\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--xyzabc--", "ends within"),
            ("--xyz\r\n\r\n1\r\n--xyz--", "no name"), ("--xyz\r\n--xyz--", "no name"),
            ("--xyz\r\nContent-Disposition: form-data\r\n\r\n1\r\n--xyz--", "no name"),
            ("--xyz\r\nContent-Type: text/plain; name=a\r\n\r\n1\r\n--xyz--", "no name"),
            ("--xyz\r\nno colon\r\n\r\n1\r\n--xyz--", "no name"),
            ("--xyz\r\n" + String(repeating: "a: b\r\n", count: 51) + "\r\n1\r\n--xyz--", "50 header"),
        ])
    func broken(_ text: String, _ words: String) throws {
        let problem = try refusal(text)
        #expect(problem.status.code == 400)
        #expect(problem.detail.contains(words), "\(problem.detail)")
    }

    @Test("A field that is not UTF-8 is refused, a file that is not is taken")
    func latin() throws {
        func body(_ file: String) -> [UInt8] {
            Array("--xyz\r\nContent-Disposition: form-data; name=a\(file)\r\n\r\n".utf8) + [0xE8]
                + Array("\r\n--xyz--".utf8)
        }
        let refused = try problem { () throws(Problem) in try FormBody(body(""), type: FormBodyTests.multipart) }
        #expect(refused.status.code == 400 && refused.detail.contains("UTF-8"))
        #expect(try FormBody(body("; filename=b"), type: FormBodyTests.multipart).files.map(\.content) == [[0xE8]])
    }

    @Test("A part's header has 16 KiB, its line ends among them, and not a byte more")
    func header() throws {
        func body(_ bytes: Int, _ line: String = "X: ") -> String {
            let head = "Content-Disposition: form-data; name=a\r\n\(line)"
            let padding = String(repeating: ";", count: bytes - head.utf8.count - 4)
            return "--xyz\r\n\(head)\(padding)\r\n\r\n1\r\n--xyz--"
        }
        #expect(try FormBody(Array(body(16384).utf8), type: FormBodyTests.multipart)["a"] == "1")
        for text in [
            body(16385), body(1 << 20), body(16390, "\r\n").replacing("\r\n\r\n", with: "\r\n"),
            "--xyz\r\nContent-Disposition: form-data; " + String(repeating: ";", count: 1 << 20)
                + "; name=a\r\n\r\n1\r\n--xyz--",
        ] {
            let problem = try refusal(text)
            #expect(problem.status.code == 400 && problem.detail.contains("16384 bytes"), "\(problem.detail)")
        }
        // A file's content is not its header, and what we kept is read again.
        let long = String(repeating: "\n", count: 20000)
        #expect(try FormBody(Array(part("name=a", long).utf8), type: FormBodyTests.multipart)["a"] == long)
        let name = String(repeating: "\"", count: 10000)
        let kept = Open311Form(
            FormBody(fields: [], files: [.init(field: "f", name: name, type: "image/png", content: [1])])
        ).kept(from: "fms")
        #expect(try Open311Form.reading(kept).files.map(\.name) == [name])
    }

    // MARK: - Hostile

    @Test("Damage anywhere is read or refused, and never ends the program")
    func damage() throws {
        let good = Array(
            (part(#"name="tè"; filename="a \"b\".jpg"; filename*=UTF-8''%C3%A8"#, "\u{0}\n\n--xy").dropLast(8)
                + part("name=b", "Più", more: "Content-Type: text/plain\n"))
                .replacing("\n", with: "\r\n").utf8)
        var generator = Dice(seed: 9)
        let spice = Array("\r\n-\";=%'*\\: xyz\0é".utf8)
        for round in 0..<2000 {
            var body = good
            for _ in 0...Int.random(in: 0...4, using: &generator) where !body.isEmpty {
                let at = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: body[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: body.remove(at: at)
                case 2: body.insert(spice.randomElement(using: &generator) ?? 0, at: at)
                case 3: body.removeSubrange(at...)
                default: body.insert(contentsOf: body[..<at].suffix(30), at: at)
                }
            }
            let type = round % 4 == 0 ? "application/x-www-form-urlencoded" : FormBodyTests.multipart
            do throws(Problem) {
                let form = try FormBody(body, type: type)
                #expect(form.files.allSatisfy { $0.content.count <= body.count })
            } catch {
                #expect(error.status.code == 400)
            }
        }
    }

    @Test(
        "A megabyte of anything takes no longer than its length",
        arguments: [
            "--xyz--xy", "\r\n--xy", "\r", "\n", "--xyz", "x--xyz", "\r\n--xyz", "--xyz\r\n", "; name=", ";", "\"",
            "\\\"",
            "e\u{301}", "%22", "a: b\r\n",
        ])
    func time(_ piece: String) throws {
        let many = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
        let bodies = [
            many, "--xyz\r\n" + many, "--xyz\r\nContent-Disposition: form-data; name=\"a\(many)\"\r\n\r\n1\r\n--xyz--",
            "--xyz\r\nContent-Disposition: form-data; name=a; filename=\"b\"\r\n\r\n\(many)\r\n--xyz--",
        ]
        let spent = ContinuousClock().measure {
            for body in bodies { _ = try? FormBody(Array(body.utf8), type: FormBodyTests.multipart) }
        }
        // Quadratic, it would be hours.
        #expect(spent < .seconds(30))
    }
}

/// The same damage each time.
private struct Dice: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        let a = (seed ^ (seed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let b = (a ^ (a >> 27)) &* 0x94D0_49BB_1331_11EB
        return b ^ (b >> 31)
    }
}
