import Civic
import Settings
import Testing

@testable import Intake

@Suite("What a foreign sender posts, as one tree") struct ForeignBodyTests {
    private func read(_ text: String, _ type: String? = nil) throws -> ForeignBody {
        try ForeignBody(Array(text.utf8), type: type)
    }

    private func words(_ body: ForeignBody, _ path: String) throws -> [String?] {
        body.data.found(at: try FieldPath(path)).map(\.value.words)
    }

    @Test(
        "Its type is the declared one, else guessed",
        arguments: [
            ("{}", "application/json", "application/json"), ("a=1", "application/json", "application/json"),
            ("{}", "application/vnd.x+json; charset=utf-8", "application/json"), ("{}", nil, "application/json"),
            (" \n[1]", "text/plain", "application/json"), ("a=1&b=", nil, "application/x-www-form-urlencoded"),
            ("a=1", "application/x-www-form-urlencoded; charset=utf-8", "application/x-www-form-urlencoded"),
            // As curl -d and small devices call everything.
            (#"{"a":"b=c"}"#, "application/x-www-form-urlencoded", "application/json"),
            ("", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
            ("--x y\r\n", nil, #"multipart/form-data; boundary="x y""#),
            ("--x\r\n", "multipart/form-data; boundary=y", "multipart/form-data; boundary=y"),
            ("C'è una buca", nil, nil), ("a = b", nil, nil), ("", nil, nil), ("<a x=\"1\"/>", "text/xml", nil),
        ] as [(String, String?, String?)])
    func types(_ body: String, _ declared: String?, _ type: String?) {
        #expect(ForeignBody.type(of: Array(body.utf8), declared: declared) == type)
    }

    @Test(
        "Paths find what stands there",
        arguments: [
            ("a", ["1"]), ("b.c", ["x"]), ("d[1]", ["true"]), ("d.1", ["true"]), ("d", ["7, true"]),
            ("d.*", ["7", "true"]),
            ("e.*.f", ["p", "q"]), ("e[0].f", ["p"]), ("e", [nil]), ("b", [nil]), ("g", [""]), ("a.0", ["1"]),
            ("a.*", ["1"]), ("a.1", []), ("d[9]", []), ("h", []), ("b.c.d", []), ("*.c", ["x"]), ("e.f", []),
            // Members whose own names have dots in them: the longest counts.
            ("i.j.k", ["flat"]), ("i.j.l", ["deep"]), ("i.m", ["1.5"]),
        ] as [(String, [String?])])
    func paths(_ path: String, _ expected: [String?]) throws {
        let body = try read(
            """
            {"a":1,"b":{"c":"x"},"d":[7,true],"e":[{"f":"p"},{"f":"q"}],"g":null,
             "i":{"j.k":"flat","j":{"k":"hidden","l":"deep"},"m":1.5}}
            """)
        #expect(try words(body, path) == expected)
    }

    @Test("A form is an object of its fields; names in brackets are nested, repeated ones lists")
    func forms() throws {
        let form = try read("nome%5Bfirst%5D=Anna&nome[last]=Rossi&tipo[]=a&tipo[]=b&x=1&x=2&y=&%5Bz%5D=3&w[a][b]=4")
        for (path, expected) in [
            ("nome.first", "Anna"), ("nome.last", "Rossi"), ("tipo", "a, b"), ("tipo[1]", "b"), ("x", "1, 2"),
            ("y", ""),
            ("w.a.b", "4"),
        ] { #expect(try words(form, path) == [expected], "\(path)") }
        let file = try read("--b\r\nContent-Disposition: form-data; name=f; filename=a.txt\r\n\r\nx\r\n--b--")
        #expect(file.files.map(\.name) == ["a.txt"])
    }

    @Test("JSON in a text is read in its place; what is empty or missing stays")
    func nestedJSON() throws {
        var body = try read(#"{"raw":"{\"a\":[{\"b\":\"1\"}]}","list":["[1]","{}"],"empty":" ","no":"{"}"#)
        for path in ["raw", "list.*", "empty", "missing"] { try body.readJSON(at: try FieldPath(path)) }
        #expect(try words(body, "raw.a[0].b") == ["1"])
        #expect(try words(body, "list[0][0]") == ["1"])
        let refused = try problem { () throws in try body.readJSON(at: try FieldPath("no")) }
        #expect(refused.detail.contains("json_in: no is no JSON"))
    }

    @Test("The rest is what was not used, flattened")
    func rest() throws {
        let body = try read(#"{"a":{"b":"1","c":["x","y"],"d":[{"e":"2"},{"e":""}]},"f":["p","q"],"g":{},"h":"3"}"#)
        func names(_ used: Set<FieldValue.Place>) -> [String] {
            body.data.rest(without: used).map { "\($0.name)=\($0.text)" }
        }
        #expect(names([]) == ["a.b=1", "a.c=x, y", "a.d.0.e=2", "f=p, q", "h=3"])
        #expect(names([["a", "b"], ["f", "0"], ["h"]]) == ["a.c=x, y", "a.d.0.e=2", "f.1=q"])
        #expect(names([["a"], ["f"]]) == ["h=3"])
        #expect(names([[]]) == [])
    }

    @Test("Hostile bodies are refused, and cost little")
    func hostile() throws {
        for body in [
            String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000), "{", "[1,]",
            "{\"a\":1e999}",
            #"{"a":"\ud800"}"#, "[" + Array(repeating: "1", count: 1_000_000).joined(separator: ",") + "]",
            "{" + (0..<100_000).map { "\"m\($0)\":1" }.joined(separator: ",") + "}",
            "[" + String(repeating: "9", count: 100_000) + "]",
            String(repeating: "[", count: 20) + String(repeating: "]", count: 20),
            Array(repeating: "a=1", count: 100_000).joined(separator: "&"),
        ] {
            let refused = try problem { () throws in try read(body) }
            #expect([400, 422].contains(refused.status.code))
        }
        // A name of many parts is a name.
        let deep = "a" + String(repeating: "[b]", count: 10_000) + "=1"
        #expect(try read(deep).data.rest(without: []).count == 1)
    }
}

@Suite("Times as foreign systems write them") struct ForeignTimeTests {
    private static let rome = Zone(
        name: "Europe/Rome", base: 3600,
        changes: [.init(at: 1_774_746_000, offset: 7200), .init(at: 1_792_890_000, offset: 3600)])

    @Test(
        "One moment, however it is written",
        arguments: [
            "2026-11-21T09:15:30Z", "2026-11-21T10:15:30+01:00", "2026-11-21T10:15:30+0100",
            "2026-11-21T10:15:30.000+0100",
            "2026-11-21 10:15:30", "2026-11-21T10:15:30", "2026-11-21 09:15:30 UTC", "2026-11-21T10:15:30+01",
            "21/11/2026 10:15:30", "21-11-2026 10:15:30", "21.11.2026, 10:15:30", "2026/11/21 10:15:30", "1795252530",
            "1795252530000", "1795252530000000", "1795252530.0", "2026-11-21t09:15:30z",
        ])
    func written(_ text: String) {
        #expect(ForeignTime.read(text, zone: ForeignTimeTests.rome) == Timestamp(seconds: 1_795_252_530), "\(text)")
    }

    @Test("A time without seconds, a date, a summer's day, a fraction")
    func others() {
        func read(_ text: String) -> String? { ForeignTime.read(text, zone: ForeignTimeTests.rome)?.rfc3339 }
        #expect(read("21/11/2026 10:15") == "2026-11-21T09:15:00Z")
        #expect(read("1/7/2026") == "2026-06-30T22:00:00Z")
        #expect(read("2026-07-01") == "2026-06-30T22:00:00Z")
        #expect(read("2026-11-21T10:15:30.123+0100") == "2026-11-21T09:15:30.123000Z")
        #expect(read("1795252530123") == "2026-11-21T09:15:30.123000Z")
    }

    @Test(
        "What is no time, or that of a clock that was never set, is none",
        arguments: [
            "", "ieri", "21 novembre 2026", "2026-13-01", "31/02/2026", "1/2/26", "11/21/2026", "0", "12345", "-1",
            "1e9",
            "99999999999999999999", "1970-01-01T00:00:00Z", "2026-11-21T25:00:00", "2026-11-21T10:60",
            "2026-11-21T10:15+1",
            "2026-11-21T10:15:30+01:00x", "T10:15", "2026-11-21T10:15:30.", "....", "//", "2026--21",
            "9999-12-31T23:59:59Z", "+2026-11-21", "2026-11-21T+1:+5", String(repeating: "1", count: 65),
        ])
    func none(_ text: String) { #expect(ForeignTime.read(text, zone: ForeignTimeTests.rome) == nil, "\(text)") }
}
