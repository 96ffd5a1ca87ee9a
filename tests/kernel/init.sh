#!/bin/sh
# First process of the guest. Its root is the host's, read-only; everything is written to a tmpfs above it and vanishes.
# OUT (from the kernel's command line) is the one folder of the host that the guest can write to.
mount -t proc proc /proc
# A folder of the host: Linux 6.12 wants the option by name, 6.1 the bare path.
hostfs() { mount -t hostfs -o "hostfs=$1" none "$2" 2> /dev/null || mount -t hostfs -o "$1" none "$2"; }
modules=/usr/lib/uml/modules/$(uname -r)
grep -q overlay /proc/filesystems || insmod "$modules/kernel/fs/overlayfs/overlay.ko"
mount -t tmpfs -o size=75% tmpfs /mnt && cd /mnt && mkdir up work host new
hostfs / host
mount -t overlay -o lowerdir=host,upperdir=up,workdir=work overlay new && mkdir new/.out new/.old
hostfs "$OUT" new/.out
cd new && umount /proc && pivot_root . .old && exec chroot . /bin/sh /.out/guest.sh
