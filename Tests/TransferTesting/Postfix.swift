import Foundation
import Glibc

/// Debian's Postfix on a port of 127.0.0.1, with its own configuration, queue and data; without DNS.
///
/// | to | what happens |
/// |---|---|
/// | fidenza.example.org | the command that the test gives, by pipe(8) |
/// | anna@example.net, with or without +anything | kept, see `mails` |
/// | anybody else @example.net | taken, then returned: there is no such user |
/// | example.com | a robot writes a new mail to urp@fidenza.example.org, and does not say that it is a robot |
/// | any other | taken and forgotten |
package final class Postfix: Sendable {
    package static let isInstalled =
        geteuid() == 0 && [master, postfix, postqueue, python].allSatisfy(FileManager.default.isExecutableFile)
    package static let absence =
        "needs Debian's postfix and python3, root (Postfix starts as nobody else), and the build where any user may run it"

    /// Whether any user may: pipe(8) runs nothing as root.
    package static func mayRun(_ program: String) -> Bool {
        var path = program
        while true {
            guard let bits = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int,
                bits & 0o001 != 0
            else { return false }
            if path == "/" { return true }
            path = (path as NSString).deletingLastPathComponent
        }
    }

    private static let master = "/usr/lib/postfix/sbin/master"
    private static let postfix = "/usr/sbin/postfix"
    private static let postqueue = "/usr/sbin/postqueue"
    private static let python = "/usr/bin/python3"

    /// Makes the queue's directories, starts Postfix with no blocked signals and no descriptors of ours, and ends it and
    /// all its children with our end of the pipe, even if we are killed.
    private static let guardian = """
        import os, shutil, signal, subprocess, sys, threading
        postfix, master, place = sys.argv[1:]
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        subprocess.run([postfix, "-c", place, "check"], stdin=subprocess.DEVNULL, check=True)
        server = subprocess.Popen([master, "-c", place, "-d"], stdin=subprocess.DEVNULL, start_new_session=True)
        def watch():
            sys.stdin.buffer.read()
            os.killpg(server.pid, signal.SIGTERM)
        threading.Thread(target=watch, daemon=True).start()
        code = server.wait() & 255
        shutil.rmtree(place, ignore_errors=True)
        os._exit(code)
        """

    private static let robot = """
        import email, email.utils, smtplib, sys
        mail = email.message_from_binary_file(sys.stdin.buffer)
        id = email.utils.make_msgid(domain="example.com")
        text = "\\r\\n".join([
            "From: Assistenza <robot@example.com>", "To: urp@fidenza.example.org", "Message-ID: " + id,
            "Date: " + email.utils.formatdate(), "Subject: [" + id[1:9] + "] Abbiamo ricevuto la tua richiesta", "",
            "La richiesta e' stata registrata col numero " + id + ".", ""])
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
            server.sendmail("robot@example.com", ["urp@fidenza.example.org"], text)
        """

    private let directory: String
    private let process = Process()
    private let input = Pipe()
    package let port: UInt16

    /// - Parameters:
    ///   - command: what gets the city's mail, under the name of `nobody`; no word may hold a space.
    ///   - port: see `freePort`.
    package init(command: [String], port: UInt16) throws {
        guard let nobody = getpwnam("nobody"), let postfix = getpwnam("postfix") else { throw POSIXError(.ENOENT) }
        self.port = port
        // Its sockets' paths have 107 bytes at most (unix(7)).
        let name = "p" + String(UInt32.random(in: 0 ... .max), radix: 16)
        directory = FileManager.default.temporaryDirectory.appending(path: name).path
        for place in ["", "/queue", "/data", "/mail"] {
            try FileManager.default.createDirectory(
                atPath: directory + place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        guard chown(directory + "/data", postfix.pointee.pw_uid, postfix.pointee.pw_gid) == 0,
            chown(directory + "/mail", nobody.pointee.pw_uid, nobody.pointee.pw_gid) == 0
        else { throw POSIXError(.EPERM) }
        for (name, text) in [
            ("main.cf", Self.main(directory, user: nobody.pointee.pw_uid, group: nobody.pointee.pw_gid)),
            ("master.cf", Self.services(directory, port: port, command: command)), ("robot.py", Self.robot),
        ] {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
            guard chmod("\(directory)/\(name)", 0o644) == 0 else { throw POSIXError(.EPERM) }
        }
        process.executableURL = URL(filePath: Self.python)
        process.arguments = ["-c", Self.guardian, Self.postfix, Self.master, directory]
        process.standardInput = input
        process.currentDirectoryURL = URL(filePath: "/")
        try process.run()
        while !Self.reaches(port) {
            guard process.isRunning else { throw PostfixFailure(log: log) }
            sched_yield()
        }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    package var url: String { "smtp://127.0.0.1:\(port)" }

    /// What it logged.
    package var log: String { (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? "" }

    /// The raw mails of anna@example.net, in no order.
    package func mails() throws -> [String] {
        let folder = directory + "/mail/anna/new"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).map {
            String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\($0)")), as: UTF8.self)
        }
    }

    /// What waits or is under way, a line of JSON each.
    package func queue() throws -> [String] { try run(["-j"]).split(separator: "\n").map(String.init) }

    /// Tries at once what waits.
    package func flush() throws { _ = try run(["-f"]) }

    private func run(_ arguments: [String]) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: Self.postqueue)
        process.arguments = ["-c", directory] + arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PostfixFailure(log: log) }
        return text
    }

    /// A port on which nobody listens, and which no outgoing connection will take.
    package static func freePort() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 10_000..<30_000)
            if attempt(port, bind) { return port }
        }
        throw POSIXError(.EADDRNOTAVAIL)
    }

    private static func reaches(_ port: UInt16) -> Bool { attempt(port, connect) }

    private static func attempt(
        _ port: UInt16, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

extension Postfix {
    private static func main(_ directory: String, user: uid_t, group: gid_t) -> String {
        """
        compatibility_level = 3.6
        queue_directory = \(directory)/queue
        data_directory = \(directory)/data
        maillog_file = \(directory)/log
        maillog_file_prefixes = \(directory)
        myhostname = mx.example.org
        mydestination =
        local_recipient_maps =
        local_transport = error:there is nobody here
        alias_maps =
        notify_classes =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        mynetworks = 127.0.0.0/8
        smtp_dns_support_level = disabled
        smtpd_peername_lookup = no
        smtpd_relay_restrictions = permit_mynetworks, reject
        smtpd_reject_unlisted_recipient = no
        smtpd_reject_unlisted_sender = no
        recipient_delimiter = +
        default_transport = discard:
        transport_maps = inline:{ {fidenza.example.org = pasquino:}, {example.com = robot:} }
        pasquino_destination_recipient_limit = 1
        virtual_mailbox_domains = example.net
        virtual_mailbox_base = \(directory)/mail
        virtual_mailbox_maps = inline:{ {anna@example.net = anna/} }
        virtual_minimum_uid = 1
        virtual_uid_maps = static:\(user)
        virtual_gid_maps = static:\(group)

        """
    }

    private static func services(_ directory: String, port: UInt16, command: [String]) -> String {
        """
        127.0.0.1:\(port) inet n - n - - smtpd
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        showq unix n - n - - showq
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd
        pasquino unix - n n - 4 pipe flags=DRO user=nobody argv=\(command.joined(separator: " "))
        robot unix - n n - 4 pipe user=nobody argv=\(python) \(directory)/robot.py \(port)

        """
    }
}

private struct PostfixFailure: Error, CustomStringConvertible {
    let log: String
    var description: String { "Postfix does not work: \(log)" }
}
