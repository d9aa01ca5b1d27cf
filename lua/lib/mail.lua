--- Mail of agents.

--- The first `limit` bytes of a text, less what would be half a character.
local function cutText(text, limit)
	if #text <= limit then
		return text
	end
	local last = limit
	while last > 0 and (string.byte(text, last + 1) or 0) >= 128 and (string.byte(text, last + 1) or 0) < 192 do
		last = last - 1
	end
	return string.sub(text, 1, last)
end

--- Puts a mail of `from` ('' for a person) before an agent, where there is one, and into the record. Returns its id; nil where there is no such agent. About the
--- last 1000 are kept. `mailAt` of the agent is the id of its newest, `mailRead` of the newest that it has read.
local function send(from, to, task, text)
	if redis.call('HEXISTS', agentKey(to), 'role') == 0 then
		return nil
	end
	local id = softly('XADD', key('mail:' .. to), 'MAXLEN', '~', 1000, '*', 'from', from, 'task', task, 'text', text)
	if not id then
		return nil
	end
	redis.call('HSET', agentKey(to), 'mailAt', id)
	emit('mail_sent', task, to, (from == '' and 'a person' or from) .. ': ' .. cutText(text, 300), {'a:mailAt', id}, 'agent:' .. to .. ':mail')
	return id
end

return {send = send}
