extension Metrics.State {
    /// Prometheus' text format: `# HELP`, `# TYPE`, then a line a series, in a stable order.
    var exposition: String {
        var page = Page()
        page.family(
            "messages_total", "Messages acknowledged.", "counter", ["channel", "outcome"], messages.values)
        page.family(
            "refused_total", "Messages refused, by HTTP status.", "counter", ["channel", "status"], refused.values)
        page.single("undecided_total", "Messages that no rule decided.", "counter", undecided)
        page.family("rule_wins_total", "Messages whose category a rule set.", "counter", ["rule"], ruleWins.values)
        page.single("rule_failures_total", "Rules that failed while running.", "counter", ruleFailures)
        page.histogram("acknowledge_seconds", "From a message's arrival to its acknowledgement.", acknowledge)
        page.histogram("batch_rows", "Messages written in one transaction.", rows)
        page.histogram("commit_seconds", "Time to write and commit one batch.", commit)
        page.family(
            "notifications_total", "Attempts and outcomes of notifications.", "counter",
            ["medium", "outcome", "reason"], notifications.values)
        page.family("notifications_waiting", "Notifications that wait.", "gauge", ["medium"], waiting.values)
        page.single("oldest_waiting_seconds", "Age of the oldest notification that waits.", "gauge", oldestWaiting)
        page.single("database_up", "Whether PostgreSQL answers.", "gauge", databaseUp)
        page.family(
            "destination_up", "Whether a destination takes notifications.", "gauge", ["destination"],
            destinations.values)
        page.family(
            "line_late_seconds", "How long the oldest notification of a line that is due has been.", "gauge", ["line"],
            lateness.values)
        page.family(
            "line_alarm", "Whether a line needs somebody: late, or stopped.", "gauge", ["line"], alarms.values)
        page.family("mailbox_up", "Whether a mailbox can be read.", "gauge", ["mailbox"], mailboxes.values)
        page.family(
            "channel_up", "Whether a channel that is asked can be read.", "gauge", ["channel"], channels.values)
        page.family(
            "mailbox_failures_total", "Mails of a mailbox that failed again, were moved aside, or not moved.",
            "counter", ["mailbox", "outcome"], mails.values)
        page.single(
            "inbox_waiting", "What could not be understood and waits for a person (at most 1000 are counted).", "gauge",
            inbox)
        page.family(
            "media_failures_total", "Files of messengers that could not be fetched, or were given up.", "counter",
            ["channel", "outcome"], media.values)
        page.family("retention_removed_total", "What was old enough and removed.", "counter", ["what"], retained.values)
        page.single(
            "database_durable", "Whether PostgreSQL acknowledges only what its disk has.", "gauge", durable)
        page.family(
            "spool_kept_total", "Messages kept in the spool while PostgreSQL was away.", "counter", ["channel"],
            spool.kept.values)
        page.single("spool_drained_total", "Messages of the spool that came to PostgreSQL.", "counter", spool.drained)
        page.single("spool_waiting", "Messages that wait in the spool.", "gauge", spool.waiting)
        page.single("spool_bytes", "Bytes of the spool's files.", "gauge", spool.bytes)
        page.single("spool_limit_bytes", "Bytes that they may have.", "gauge", spool.limit)
        page.single("spool_oldest_seconds", "Age of the oldest message in the spool.", "gauge", spool.oldest)
        page.single("spool_set_aside", "Files of the spool that wait for a person.", "gauge", spool.aside)
        page.single("spool_up", "Whether the spool can be used, where a channel has it.", "gauge", spool.isOpen)
        page.single("parts_stuck_total", "Parts that kept the watchdog's token for long.", "counter", partsStuck)
        page.single("started_timestamp_seconds", "Since when the daemon runs.", "gauge", startedAt)
        page.single("internal_errors_total", "Errors that should not happen.", "counter", internalErrors)
        page.single("log_lines_dropped_total", "Log lines that nobody took in time.", "counter", dropped)
        page.family(
            "reloads_total", "Reloads of the configuration, by outcome.", "counter", ["outcome"], reloads.values)
        page.single("reload_refused", "Whether the last reload was refused.", "gauge", reloadRefused)
        page.family(
            "config_info", "The configuration in force, and what it is with the shadow's rules.", "gauge",
            ["config", "shadow"], [LabelValues(first: config, second: shadow): 1])
        page.single(
            "config_loaded_timestamp_seconds", "Since when the configuration is in force.", "gauge", loadedAt)
        page.single("shadow_messages_total", "Messages that the shadow's rules decided too.", "counter", shadowDecided)
        page.family(
            "shadow_differences_total", "Messages that the shadow's rules decided otherwise, by field.", "counter",
            ["field"], shadowDifferences.values)
        page.single("shadow_skipped_total", "Messages that the shadow's rules did not see.", "counter", shadowSkipped)
        page.single("shadow_failures_total", "Failures of the shadow's rules.", "counter", shadowFailures)
        page.single("shadow_seconds_total", "Time that the shadow's rules took.", "counter", shadowSeconds)
        page.family(
            "build_info", "The program and its configuration.", "gauge", ["version", "config"],
            [LabelValues(first: version, second: config): 1])
        return page.text
    }
}

private struct Page {
    var text = ""

    mutating func single(_ name: String, _ help: String, _ type: String, _ value: Double) {
        header(name, help, type)
        text += "pasquino_\(name) \(number(value))\n"
    }

    mutating func family(
        _ name: String, _ help: String, _ type: String, _ labels: [String], _ values: [LabelValues: Double]
    ) {
        header(name, help, type)
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let pairs = zip(labels, [key.first, key.second, key.third]).map { "\($0)=\"\(escaped($1))\"" }
            text += "pasquino_\(name){\(pairs.joined(separator: ","))} \(number(value))\n"
        }
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        header(name, help, "histogram")
        var total: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
            text += "pasquino_\(name)_bucket{le=\"\(bound)\"} \(total)\n"
        }
        text += "pasquino_\(name)_sum \(number(histogram.sum))\npasquino_\(name)_count \(total)\n"
    }

    private mutating func header(_ name: String, _ help: String, _ type: String) {
        text += "# HELP pasquino_\(name) \(help)\n# TYPE pasquino_\(name) \(type)\n"
    }

    private func number(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

    private func escaped(_ label: String) -> String {
        var result = ""
        for scalar in label.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
