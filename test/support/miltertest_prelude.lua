-- Runs before each of opendkim's test scripts: all that differs between the two filters in the
-- milter protocol, and nothing of what they decide. docs/opendkim-tests.md says why.

local connect, conninfo, macro = mt.connect, mt.conninfo, mt.macro
local mailfrom, eoh, eom, getreply = mt.mailfrom, mt.eoh, mt.eom, mt.getreply
local reply_of = nil -- "the end", "the whole message", or nil: as it comes
local greeted = {}

-- milterd asks for as few answers as it can; the scripts look at each.
mt.connect = function(...)
	local conn = connect(...)
	if conn ~= nil then
		mt.negotiate(conn, nil, SMFIP_SKIP + SMFIP_HDR_LEADSPC, nil)
		greeted[conn] = false
	end
	return conn
end

-- The scripts' MTA does not say its own name. opendkim calls it so then, milterd looks it up.
mt.conninfo = function(conn, ...)
	reply_of = nil
	macro(conn, SMFIC_CONNECT, "j", "unknown-host")
	return conninfo(conn, ...)
end

-- miltertest says HELO as late as it can, after the macros of MAIL; no MTA does, and HELO ends what
-- was said before. opendkim has no need of HELO.
mt.macro = function(conn, command, ...)
	if command == SMFIC_MAIL and not greeted[conn] then
		mt.helo(conn, "client.example.com")
		greeted[conn] = true
	end
	return macro(conn, command, ...)
end

mt.mailfrom = function(...)
	reply_of = nil
	return mailfrom(...)
end

mt.eom = function(conn)
	reply_of = "the end"
	return eom(conn)
end

local function end_message(conn)
	local failure = mt.bodystring(conn, "This is a test!\r\n") or eom(conn)
	reply_of = "the whole message"
	return failure
end

-- milterd judges at the end of the message what opendkim judges when the client has connected, ...
if JUDGED_AT == "connect" then
	local said_hello = mt.conninfo
	mt.conninfo = function(conn, ...)
		return said_hello(conn, ...) or mailfrom(conn, "user@example.com")
			or mt.rcptto(conn, "rcpt@example.net")
			or mt.header(conn, "DKIM-Signature", "v=1; s=test; d=example.com")
			or mt.header(conn, "From", "user@example.com")
			or eoh(conn) or end_message(conn)
	end
end

-- ... or when the header is complete.
if JUDGED_AT == "eoh" then
	mt.eoh = function(conn)
		return eoh(conn) or end_message(conn)
	end
end

-- opendkim says "accept" where it is done; milterd "continue", as later stages and milters have a
-- right to see the message. Before the end, opendkim's "accept" means that it leaves it alone.
mt.getreply = function(conn)
	local reply = getreply(conn)
	if reply ~= SMFIR_CONTINUE or reply_of == nil then
		return reply
	end
	if reply_of == "the whole message" and
	   (mt.eom_check(conn, MT_HDRINSERT) or mt.eom_check(conn, MT_HDRADD)) then
		return SMFIR_CONTINUE
	end
	return SMFIR_ACCEPT
end

-- milterd breaks a line between the names of h= where it is full; the scripts look for some in a row.
local getheader = mt.getheader
mt.getheader = function(...)
	local value = getheader(...)
	return value and string.gsub(value, "\r?\n[ \t]+:", ":")
end

-- miltertest keeps to itself what a script complains of.
local raise = error
error = function(complaint)
	mt.echo("error: " .. tostring(complaint))
	raise(complaint)
end
