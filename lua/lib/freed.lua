--- What waited for the end of a lock.
--- uses: lock, waiting

--- Tasks that a lock on paths kept from everybody else are given to those who wait in the step that ends it.
local function serveFreed()
	if hasFreedPath then
		serveWaiting()
	end
end
