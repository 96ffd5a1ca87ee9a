# The guest in its own root: devices and modules, then a shell that reads commands from the host (tty1).
umount -l /.old
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=755 run /run
modules=/usr/lib/uml/modules/$(uname -r)
mkdir -p "/lib/modules/$(uname -r)" && mount --bind "$modules" "/lib/modules/$(uname -r)"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ PS1= PS2=
stty raw -echo < /dev/tty1
exec setsid sh < /dev/tty1 > /dev/tty1 2>&1
